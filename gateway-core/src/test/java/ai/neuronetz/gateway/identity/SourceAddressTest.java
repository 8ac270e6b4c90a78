package ai.neuronetz.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.exchange.ClientRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SourceAddressTest {

    private static final TrustedProxies TEN = TrustedProxies.parse("10.0.0.0/8, 2001:db8:ffff::/48");

    @Nested
    class Of_the_peer {

        @ParameterizedTest
        @CsvSource({
            "192.0.2.7,               192.0.2.7",
            "255.255.255.255,         255.255.255.255",
            "::ffff:192.0.2.7,        192.0.2.7",
            "2001:db8:1:2:3:4:5:6,    2001:db8:1:2::/64",
            "2001:db8:1:2::1,         2001:db8:1:2::/64",
            "2001:db8:0:1::1,         2001:db8:0:1::/64",
            "2001:db8::1,             2001:db8::/64",
            "2001:DB8:0:0A00::,       2001:db8:0:a00::/64",
            "0:0:0:1::,               0:0:0:1::/64",
            "::1,                     ::/64",
            "fe80::1%0,               fe80::/64",
        })
        void is_written_in_one_way(String peer, String source) {
            assertThat(SourceAddress.of(from(peer), TrustedProxies.none())).hasValue(source);
            assertThat(SourceAddress.ofPeer(from(peer))).isEqualTo(source);
        }

        @Test
        void whatever_the_header_says_if_the_peer_is_not_trusted() {
            assertThat(SourceAddress.of(from("192.0.2.7", "198.51.100.1"), TrustedProxies.none()))
                    .hasValue("192.0.2.7");
            assertThat(SourceAddress.of(from("192.0.2.7", "rubbish"), TEN)).hasValue("192.0.2.7");
        }
    }

    @Nested
    class Behind_a_trusted_proxy {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "198.51.100.1                                | 198.51.100.1",
                    "203.0.113.9, 198.51.100.1                   | 198.51.100.1",
                    "203.0.113.9, 198.51.100.1, 10.9.9.9         | 198.51.100.1",
                    "203.0.113.9,198.51.100.1,10.9.9.9,10.8.8.8  | 198.51.100.1",
                    "10.1.1.1, 198.51.100.1                      | 198.51.100.1",
                    "rubbish, 198.51.100.1                       | 198.51.100.1",
                    "10.7.7.7, 10.9.9.9                          | 10.7.7.7",
                    "198.51.100.1:4711                           | 198.51.100.1",
                    "[2001:db8:1:2::5]:443                       | 2001:db8:1:2::/64",
                    "[2001:db8:1:2::5]                           | 2001:db8:1:2::/64",
                    "2001:db8:1:2::5                             | 2001:db8:1:2::/64",
                    "198.51.100.1, 2001:db8:ffff::7              | 198.51.100.1",
                    "::ffff:198.51.100.1                         | 198.51.100.1",
                    "198.51.100.1, ::ffff:10.1.1.1               | 198.51.100.1",
                })
        void the_first_address_from_the_right_that_is_no_proxy_counts(String header, String source) {
            assertThat(SourceAddress.of(from("10.0.0.1", header), TEN)).hasValue(source);
        }

        @Test
        void several_header_lines_are_one_list() {
            assertThat(SourceAddress.of(from("10.0.0.1", "203.0.113.9", "198.51.100.1, 10.9.9.9"), TEN))
                    .hasValue("198.51.100.1");
        }

        @Test
        void the_proxy_itself_counts_if_it_says_nothing() {
            assertThat(SourceAddress.of(from("10.0.0.1"), TEN)).hasValue("10.0.0.1");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    ",",
                    "198.51.100.1,",
                    "unknown",
                    "_hidden",
                    "localhost",
                    "example.com",
                    "198.51.100",
                    "198.51.100.256",
                    "198.51.100.01",
                    "0x7f.0.0.1",
                    "2130706433",
                    "+1.2.3.4",
                    "198.51.100.1:",
                    "198.51.100.1:x",
                    "198.51.100.1:123456",
                    "198.51.100.1 198.51.100.2",
                    "\u0661.2.3.4",
                    "[198.51.100.1]",
                    "[2001:db8::1",
                    "[2001:db8::1]x",
                    "[]",
                    "2001:db8::1%eth0",
                    "2001:db8:::1",
                    "2001::db8::1",
                    "1:2:3:4:5:6:7",
                    "1:2:3:4:5:6:7:8:9",
                    "1:2:3:4::5:6:7:8",
                    "1:2:3:4:5:6:7:10.0.0.1",
                    "1.2.3.4::",
                    "12345::1",
                    "g::1",
                    ":1:2:3:4:5:6:7",
                    "1:2:3:4:5:6:7:",
                })
        void what_is_no_address_is_not_accepted(String header) {
            assertThat(SourceAddress.of(from("10.0.0.1", header), TEN)).isEmpty();
        }

        @Test
        void one_hop_or_one_character_too_many_is_not_accepted() {
            String twenty = "198.51.100.1" + ",10.1.1.1".repeat(19);
            assertThat(SourceAddress.of(from("10.0.0.1", twenty), TEN)).hasValue("198.51.100.1");
            assertThat(SourceAddress.of(from("10.0.0.1", "1.1.1.1," + twenty), TEN))
                    .isEmpty();

            String longest = " ".repeat(1024 - "198.51.100.1".length()) + "198.51.100.1";
            assertThat(SourceAddress.of(from("10.0.0.1", longest), TEN)).hasValue("198.51.100.1");
            assertThat(SourceAddress.of(from("10.0.0.1", " " + longest), TEN)).isEmpty();
        }
    }

    @Nested
    class Trusted_networks {

        @ParameterizedTest
        @CsvSource({
            "10.0.0.0/8,         10.255.255.255,         true",
            "10.0.0.0/8,         11.0.0.0,               false",
            "192.0.2.128/25,     192.0.2.127,            false",
            "192.0.2.128/25,     192.0.2.128,            true",
            "192.0.2.7,          192.0.2.7,              true",
            "192.0.2.7,          192.0.2.6,              false",
            "128.0.0.0/1,        255.0.0.1,              true",
            "2001:db8::/33,      2001:db8:7fff::1,       true",
            "2001:db8::/33,      2001:db8:8000::1,       false",
            "2001:db8::/64,      2001:db8:0:0:ffff::,    true",
            "2001:db8::/64,      2001:db8:0:1::,         false",
            "2001:db8::80/121,   2001:db8::ff,           true",
            "2001:db8::80/121,   2001:db8::7f,           false",
            "2001:db8::1,        2001:db8::1,            true",
            "2001:db8::1,        2001:db8::2,            false",
            "2001:db8::/32,      10.0.0.1,               false",
        })
        void hold_the_addresses_that_share_their_prefix(String network, String address, boolean trusted) {
            assertThat(TrustedProxies.parse(network).trusts(address(address))).isEqualTo(trusted);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "10.0.0.1/8",
                    "0.0.0.0/0",
                    "::/0",
                    "10.0.0.0/33",
                    "2001:db8::/129",
                    "10.0.0.0/",
                    "10.0.0.0/08",
                    "10.0.0.0/-8",
                    "proxy.example.com",
                    "10.0.0.0/8/8",
                    "2001:db8::1/64",
                })
        void that_are_mistaken_or_hold_everybody_are_refused(String network) {
            assertThatThrownBy(() -> TrustedProxies.parse("192.0.2.1, " + network))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(network)
                    .hasMessageContaining("expected");
        }

        @Test
        void are_none_by_default() {
            assertThat(TrustedProxies.none().trusts(address("127.0.0.1"))).isFalse();
            assertThat(TrustedProxies.parse(" ").trusts(address("127.0.0.1"))).isFalse();
        }
    }

    private static ClientRequest from(String peer, String... forwardedFor) {
        Map<String, List<String>> headers =
                forwardedFor.length == 0 ? Map.of() : Map.of("X-Forwarded-For", List.of(forwardedFor));
        return new ClientRequest("GET", "/api/tags", headers, address(peer));
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException exception) {
            throw new IllegalArgumentException(literal, exception);
        }
    }

    @Test
    void a_literal_is_read_as_the_platform_reads_it() {
        for (String literal : List.of(
                "0.0.0.0",
                "127.0.0.1",
                "::",
                "::1",
                "1::",
                "1:2:3:4:5:6:7:8",
                "::2:3:4:5:6:7:8",
                "1:2:3:4:5:6:7::",
                "64:ff9b::192.0.2.33",
                "::ffff:0:0",
                "::ffff:1.2.3.4",
                "::1.2.3.4",
                "fe80::a:b")) {
            assertThat(IpAddress.parse(literal)).isEqualTo(Optional.of(IpAddress.of(address(literal))));
        }
    }
}
