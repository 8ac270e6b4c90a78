package ai.neuronetz.gateway.app;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/**
 * Writes each log event as one line with one JSON object: what there always is first, then the request's ids, the event's own
 * values under their own names, and a stack trace as one string.
 */
final class JsonLines extends EncoderBase<ILoggingEvent> {

    /** Always with milliseconds, so that lines sort as text. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    // ASCII alone, because a lone surrogate, which JSON cannot carry otherwise, must not cost the line.
    private final ObjectMapper json =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("timestamp", TIME.format(Instant.ofEpochMilli(event.getTimeStamp())));
        line.put("level", event.getLevel().toString());
        line.put("logger", event.getLoggerName());
        line.put("thread", event.getThreadName());
        line.put("message", String.valueOf(event.getFormattedMessage()));
        event.getMDCPropertyMap().forEach(line::putIfAbsent);
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                line.putIfAbsent(pair.key, plain(pair.value));
            }
        }
        if (event.getThrowableProxy() != null) {
            line.put("stack_trace", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return bytes(line);
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    private byte[] bytes(Map<String, Object> line) {
        try {
            return (json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.US_ASCII);
        } catch (JsonProcessingException e) {
            addError("A log event could not be written", e);
            return "{\"level\":\"ERROR\",\"message\":\"A log event could not be written\"}\n"
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    private static Object plain(Object value) {
        if (value instanceof Number || value instanceof Boolean || value instanceof Map) {
            return value;
        }
        return String.valueOf(value);
    }
}
