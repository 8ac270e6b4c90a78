package ai.neuronetz.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.exchange.ClientRequest;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TraceParentTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String VALID = "00-" + TRACE + "-00f067aa0ba902b7-01";

    @ParameterizedTest
    @ValueSource(
            strings = {VALID, "cc-" + TRACE + "-00f067aa0ba902b7-00", "01-" + TRACE + "-00f067aa0ba902b7-01-later"})
    void the_trace_id_of_a_valid_header_is_read(String value) {
        assertThat(traceId(value)).isEqualTo(TRACE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                TRACE,
                "ff-" + TRACE + "-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-" + TRACE + "-00f067aa0ba902b7-01-more",
                "00-" + TRACE + "-00f067aa0ba902b7-01\n",
                " " + VALID,
                "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            })
    void whatever_else_is_not_read(String value) {
        assertThat(traceId(value)).isNull();
    }

    @Test
    void of_two_headers_none_is_read() {
        assertThat(traceId(VALID, VALID)).isNull();
        assertThat(traceId()).isNull();
    }

    private static String traceId(String... values) {
        return TraceParent.traceId(new ClientRequest(
                "GET", "/", Map.of("Traceparent", List.of(values)), InetAddress.getLoopbackAddress()));
    }
}
