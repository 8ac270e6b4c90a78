package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.Script.Fault;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All the bytes of a scripted answer at once, for who cannot send them one after the other. */
final class WholeBody {

    private final int status;
    private final boolean streamed;
    private final byte[] bytes;
    private final boolean breaks;

    private WholeBody(int status, boolean streamed, byte[] bytes, boolean breaks) {
        this.status = status;
        this.streamed = streamed;
        this.bytes = bytes;
        this.breaks = breaks;
    }

    int status() {
        return status;
    }

    boolean streamed() {
        return streamed;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Whether the connection is to break. */
    boolean breaks() {
        return breaks;
    }

    static WholeBody of(String text) {
        return new WholeBody(200, false, utf8(text), false);
    }

    static WholeBody of(Answer answer) {
        Script script = answer.script();
        Dialect dialect = answer.request().route().dialect;
        Script.Refusal refusal = script.refusal;
        if (refusal != null) {
            return new WholeBody(
                    refusal.status(), false, json(dialect.error(refusal.status(), refusal.error())), false);
        }
        Fault fault = script.fault;
        if (fault != null && fault.kind() == Fault.Kind.STALL) {
            return new WholeBody(501, false, json(dialect.error(501, "WireMock cannot stall in an answer")), false);
        }
        WholeBody body = answer.streamed()
                ? streamed(answer, dialect, fault)
                : new WholeBody(200, false, whole(answer, dialect, fault), false);
        return fault == null ? body : body.with(fault);
    }

    /** Cut at a byte, or broken there. */
    private WholeBody with(Fault fault) {
        boolean reached = !fault.inBytes() || fault.at() <= bytes.length;
        boolean cut = reached && fault.inBytes() && fault.kind() == Fault.Kind.CUT;
        boolean dies = !streamed && fault.kind() == Fault.Kind.ERROR;
        return new WholeBody(
                dies ? 500 : status,
                streamed,
                cut ? Arrays.copyOf(bytes, (int) fault.at()) : bytes,
                reached && fault.kind().breaksConnection());
    }

    private static byte[] whole(Answer answer, Dialect dialect, @Nullable Fault fault) {
        if (fault == null || fault.inBytes()) {
            return json(dialect.whole(answer));
        }
        return switch (fault.kind()) {
            case ERROR -> json(dialect.error(500, fault.text()));
            case INVALID_JSON, INVALID_UTF8, OVERSIZED -> Garbage.whole(fault);
            case CUT -> json(dialect.cut(answer));
            case CLOSE, RESET, STALL -> json(dialect.whole(answer));
        };
    }

    private static WholeBody streamed(Answer answer, Dialect dialect, @Nullable Fault fault) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<Frame> frames = dialect.frames(answer);
        for (int next = 0; next <= frames.size(); next++) {
            if (fault != null && !fault.inBytes() && fault.at() == next) {
                if (fault.kind().garbage()) {
                    bytes.writeBytes(Garbage.frame(fault, dialect));
                } else {
                    String text = fault.kind() == Fault.Kind.ERROR
                            ? dialect.brokenOff(fault.text()).orElse("")
                            : "";
                    bytes.writeBytes(utf8(text));
                    break;
                }
            }
            if (next < frames.size()) {
                bytes.writeBytes(utf8(frames.get(next).text().get()));
            }
        }
        return new WholeBody(200, true, bytes.toByteArray(), false);
    }

    private static byte[] json(ObjectNode body) {
        return utf8(Json.write(body));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
