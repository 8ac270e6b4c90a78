package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PeerAddressTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7",
        "2001:db8::1, 2001:db8:0:0:0:0:0:1",
        "[2001:db8::1], 2001:db8:0:0:0:0:0:1",
        "fe80::1%eth0, fe80:0:0:0:0:0:0:1",
        "[::1], 0:0:0:0:0:0:0:1",
        "::ffff:192.0.2.7, 192.0.2.7"
    })
    void a_literal_is_read_as_either_container_writes_it(String text, String address) {
        assertThat(PeerAddress.parse(text).getHostAddress()).isEqualTo(address);
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "localhost",
                "256.0.0.1",
                "1.2.3",
                "1",
                "01.2.3.4",
                ":",
                "[",
                "a:b:c",
                "::g",
                "/tmp/socket",
                "1.2.3.4:80"
            })
    void what_is_no_literal_is_refused_and_never_looked_up(@Nullable String text) {
        assertThatThrownBy(() -> PeerAddress.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
