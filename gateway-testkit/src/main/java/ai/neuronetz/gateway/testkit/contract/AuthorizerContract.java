package ai.neuronetz.gateway.testkit.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.access.Authorization;
import ai.neuronetz.gateway.access.Authorization.Granted;
import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.access.InstalledModel;
import ai.neuronetz.gateway.access.ModelLookup;
import ai.neuronetz.gateway.access.ModelLookup.Found;
import ai.neuronetz.gateway.access.VisibleModels;
import ai.neuronetz.gateway.access.VisibleModels.Known;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.ollama.Endpoint;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What an {@link Authorizer} promises. */
public abstract class AuthorizerContract extends SpiContract {

    private static final String MISSING = "no-such-model:1b";
    private static final List<String> NO_NAMES = List.of("", " ", ":", "../x", "a\u0000b", "x".repeat(10_000));
    private static final List<Endpoint> INFERENCE = Arrays.stream(Endpoint.values())
            .filter(endpoint -> endpoint.kind() == Endpoint.Kind.INFERENCE)
            .toList();

    /** The implementation; the same for all calls of one test. */
    protected abstract Authorizer authorizer();

    /** One that may use {@link #permitted} and not {@link #forbidden}. */
    protected abstract Principal principal();

    /** A model that is installed. */
    protected abstract String permitted();

    /** A model that is installed. */
    protected abstract String forbidden();

    @Test
    void a_permitted_model_is_granted_at_every_endpoint_with_a_bound_on_what_it_costs() {
        for (Endpoint endpoint : INFERENCE) {
            assertThat(ask(endpoint, permitted())).isInstanceOfSatisfying(Granted.class, granted -> {
                Grant grant = granted.grant();
                assertThat(grant.endpoint()).isEqualTo(endpoint);
                assertThat(grant.inputBound()).isPositive();
                assertThat(grant.outputCap()).isNotNegative();
            });
        }
    }

    @Test
    void what_is_reserved_for_the_output_is_what_ollama_is_told() {
        Grant grant = ((Granted) ask(Endpoint.CHAT, permitted())).grant();

        assertThat(UTF_8.decode(grant.upstreamBody()).toString())
                .containsPattern("\"num_predict\"\\s*:\\s*" + grant.outputCap() + "\\D");
    }

    @Test
    void a_forbidden_and_a_missing_model_and_no_name_at_all_are_one_answer() {
        for (Endpoint endpoint : INFERENCE) {
            Authorization missing = ask(endpoint, MISSING);
            assertThat(missing).isInstanceOf(Authorization.Refused.class);
            assertThat(ask(endpoint, forbidden())).isEqualTo(missing);
        }
        ModelLookup missing = authorizer().find(principal(), MISSING);
        assertThat(missing).isInstanceOf(ModelLookup.Refused.class);
        assertThat(authorizer().find(principal(), forbidden())).isEqualTo(missing);
        for (String name : NO_NAMES) {
            assertThat(authorizer().find(principal(), name)).isEqualTo(missing);
        }
    }

    @Test
    void a_body_that_is_wrong_otherwise_says_the_same_of_a_forbidden_as_of_a_missing_model() {
        String rest = ",\"messages\":7,\"stream\":\"perhaps\"}";

        assertThat(read("{\"model\":\"" + forbidden() + "\"" + rest))
                .isEqualTo(read("{\"model\":\"" + MISSING + "\"" + rest))
                .isInstanceOf(Authorization.Refused.class);
    }

    @Test
    void what_is_visible_is_found_and_what_is_forbidden_is_not_visible() {
        VisibleModels visible = authorizer().visible(principal());

        assertThat(visible).isInstanceOf(Known.class);
        List<InstalledModel> models = ((Known) visible).models();
        assertThat(models)
                .isNotEmpty()
                .allSatisfy(model -> assertThat(authorizer().find(principal(), model.spelling()))
                        .isInstanceOf(Found.class));
        Found found = (Found) authorizer().find(principal(), permitted());
        assertThat(models).contains(found.model());
        assertThat(models).extracting(InstalledModel::spelling).doesNotContain(forbidden());
    }

    @Test
    void what_is_not_one_strict_json_object_is_refused_with_a_value() {
        String chat = body(permitted());
        for (String text : List.of(
                "",
                "null",
                "[]",
                "{",
                chat + "x",
                chat + chat,
                "\u00ef\u00bb\u00bf" + chat,
                chat.replaceFirst("\\{", "{\"model\":\"" + permitted() + "\","),
                chat.replaceFirst("\\{", "{\"x\":\"\u00ff\","),
                chat.replaceFirst("\\{", "{\"x\":" + "[".repeat(5_000) + "]".repeat(5_000) + ","))) {
            assertThat(authorizer().authorize(principal(), Endpoint.CHAT, text.getBytes(ISO_8859_1)))
                    .as("%.60s", text)
                    .isInstanceOf(Authorization.Refused.class);
        }
    }

    @Test
    void no_bytes_make_it_throw() {
        Random random = new Random(7);
        for (int attempt = 0; attempt < 500; attempt++) {
            byte[] body = body(permitted()).getBytes(UTF_8);
            for (int change = 0; change <= attempt % 5; change++) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            Endpoint endpoint = INFERENCE.get(attempt % INFERENCE.size());
            assertThat(authorizer().authorize(principal(), endpoint, body)).isNotNull();
        }
    }

    @Test
    void the_clients_bytes_are_not_written_to() {
        byte[] body = body(permitted()).getBytes(UTF_8);

        authorizer().authorize(principal(), Endpoint.CHAT, body);

        assertThat(body).isEqualTo(body(permitted()).getBytes(UTF_8));
    }

    @Test
    void many_threads_at_once_get_the_answers_that_each_would_get_alone() {
        Authorizer authorizer = authorizer();
        Principal principal = principal();

        List<Boolean> right = atOnce(16, caller -> {
            boolean allowed = caller % 2 == 0;
            byte[] body = body(allowed ? permitted() : forbidden()).getBytes(UTF_8);
            return authorizer.authorize(principal, Endpoint.CHAT, body) instanceof Granted == allowed;
        });

        assertThat(right).containsOnly(true);
    }

    private Authorization ask(Endpoint endpoint, String model) {
        return authorizer().authorize(principal(), endpoint, body(model).getBytes(UTF_8));
    }

    private Authorization read(String body) {
        return authorizer().authorize(principal(), Endpoint.CHAT, body.getBytes(UTF_8));
    }

    /** Each endpoint takes from it what it needs, and has to live with the rest. */
    private static String body(String model) {
        return "{\"model\":\"" + model + "\",\"prompt\":\"Hi\",\"input\":\"Hi\",\"max_tokens\":9,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    }
}
