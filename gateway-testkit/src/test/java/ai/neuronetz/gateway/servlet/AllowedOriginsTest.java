package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AllowedOriginsTest {

    @Test
    void a_list_allows_what_is_on_it_and_nothing_else() {
        AllowedOrigins origins = AllowedOrigins.parse(
                "https://chat.example,http://localhost:3000 , http://[::1]:8080,tauri://localhost");

        for (String origin :
                new String[] {"https://chat.example", "http://localhost:3000", "http://[::1]:8080", "tauri://localhost"
                }) {
            assertThat(origins.contains(origin)).isTrue();
        }
        assertThat(origins.contains("https://chat.example:3000")).isFalse();
        assertThat(origins.contains("")).isFalse();
    }

    @Test
    void an_empty_list_allows_nothing() {
        assertThat(AllowedOrigins.parse(" ").contains("https://chat.example")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "https://*.example", "https://chat.example,*"})
    void a_wildcard_is_refused(String list) {
        assertThatThrownBy(() -> AllowedOrigins.parse(list))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no wildcard");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chat.example",
                "https://chat.example/",
                "https://chat.example/app",
                "https://Chat.example",
                "HTTPS://chat.example",
                "https://user@chat.example",
                "https://chat.example?x",
                "https://chat.example#x",
                "https://",
                "https:///",
                "null",
                "https://chat.example:443",
                "http://chat.example:80",
                "https://chat.example:0",
                "https://chat.example:65536",
                "https://chat.example:08080",
                "https://chat.example,",
                ",",
                "https://chat example",
            })
    void what_no_browser_sends_as_an_origin_is_refused(String list) {
        assertThatThrownBy(() -> AllowedOrigins.parse(list))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }
}
