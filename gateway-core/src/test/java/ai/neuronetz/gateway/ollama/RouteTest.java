package ai.neuronetz.gateway.ollama;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RouteTest {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MODEL")
    void a_target_is_known_with_its_methods_and_no_others_and_without_a_query(Endpoint endpoint) {
        for (String method : endpoint.methods()) {
            assertThat(Route.of(method, endpoint.path())).isEqualTo(new Route.Known(endpoint));
        }
        for (String method : new String[] {"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "post", ""}) {
            assertThat(Route.of(method, endpoint.path())).isEqualTo(new Route.WrongMethod(endpoint));
        }
        for (String more : new String[] {"?", "?x=1", "?beta=tru", "?beta=true&x", "/x/", ";x", "#x", "%20", " "}) {
            assertThat(Route.of(endpoint.methods().get(0), endpoint.path() + more))
                    .as(more)
                    .isInstanceOf(Route.Unknown.class);
        }
    }

    @Test
    void a_wrong_method_is_told_all_that_are_right() {
        assertThat(((Route.WrongMethod) Route.of("POST", "/")).allowed()).isEqualTo("GET, HEAD");
        assertThat(((Route.WrongMethod) Route.of("HEAD", "/api/tags")).allowed())
                .isEqualTo("GET");
        assertThat(((Route.WrongMethod) Route.of("DELETE", "/v1/models/m")).allowed())
                .isEqualTo("GET");
    }

    @ParameterizedTest
    @CsvSource({
        "llama3,                        llama3",
        "llama3:8b,                     llama3:8b",
        "llama3%3A8b,                   llama3:8b",
        "llama3%3a8b,                   llama3:8b",
        "Qwen3:8B,                      Qwen3:8B",
        "hf.co/u/m:Q4_K_M,              hf.co/u/m:Q4_K_M",
        "hf.co%2Fu%2fm%3AQ4_K_M,        hf.co/u/m:Q4_K_M"
    })
    void a_model_is_read_as_it_stands_but_for_two_characters(String sent, String model) {
        Route route = Route.of("GET", "/v1/models/" + sent);

        assertThat(route).isEqualTo(new Route.OneModel(model));
        assertThat(route.name()).isEqualTo("/v1/models/{model}");
        assertThat(route.dialect()).isEqualTo(Dialect.OPENAI);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{model}",
                "a%20b",
                "%61",
                "a%253A8b",
                "a%3",
                "a;x=1",
                "a?x=1",
                "a?",
                "a#b",
                "..",
                "../api/tags",
                "a..b",
                "a/../b",
                "%2e%2e",
                "..%2Fx",
                "a//b",
                "a%2F%2Fb",
                "a/",
                "/a",
                "a/b/c/d",
                "a\\b",
                "a b",
                "a\u00e9",
                "a@sha256:0",
                "https://a",
                ":"
            })
    void what_is_no_name_is_no_path(String sent) {
        assertThat(Route.of("GET", "/v1/models/" + sent)).isEqualTo(new Route.Unknown(Dialect.OPENAI));
    }

    @Test
    void the_pattern_of_a_path_is_no_path() {
        assertThat(Endpoint.byPath()).doesNotContainValue(Endpoint.MODEL);
    }

    @Test
    void blocked_paths_are_blocked_with_a_query_too() {
        assertThat(Route.of("POST", "/api/pull?x=1")).isEqualTo(new Route.Blocked(Dialect.OLLAMA, "/api/pull"));
        assertThat(Route.of("GET", "/api/blobs/x?y")).isEqualTo(new Route.Blocked(Dialect.OLLAMA, "/api/blobs"));
    }

    @Test
    void the_one_query_that_is_known_belongs_to_one_path() {
        assertThat(Route.path("/v1/messages?beta=true")).isEqualTo("/v1/messages");
        for (String other :
                new String[] {"/api/chat?beta=true", "/v1/messages?beta=false", "/v1/messages?beta=true&beta=true"}) {
            assertThat(Route.path(other)).isEqualTo(other);
            assertThat(Route.of("POST", other)).isInstanceOf(Route.Unknown.class);
        }
    }

    @Test
    void everything_below_the_anthropic_path_is_answered_in_its_dialect() {
        for (String target : new String[] {"/v1/messages", "/v1/messages?x", "/v1/messages/count_tokens"}) {
            assertThat(Route.of("GET", target).dialect()).as(target).isEqualTo(Dialect.ANTHROPIC);
        }
    }
}
