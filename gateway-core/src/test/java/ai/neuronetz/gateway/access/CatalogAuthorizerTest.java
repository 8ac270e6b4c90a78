package ai.neuronetz.gateway.access;

import static ai.neuronetz.gateway.ollama.Endpoint.CHAT;
import static ai.neuronetz.gateway.ollama.Endpoint.CHAT_COMPLETIONS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.ollama.ModelName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CatalogAuthorizerTest {

    private static final String DIGEST = "a".repeat(64);
    private static final String OTHER_DIGEST = "b".repeat(64);
    private static final Authorization NOT_PERMITTED = new Authorization.Refused(Denial.of(Reason.MODEL_NOT_PERMITTED));

    private List<InstalledModel> installed = List.of(
            model("llama3:latest", DIGEST, false),
            model("qwen3:8b", OTHER_DIGEST, false),
            model("gpt-oss:120b-cloud", DIGEST, true),
            model("stub:latest", DIGEST, true));

    private Optional<ModelCatalog.Discovery> discovery = Optional.of(new ModelCatalog.Discovery(installed, "0.33.0"));
    private final Authorizer authorizer = Authorizer.catalog(() -> discovery, 4096);

    @Test
    void nothing_is_permitted_by_default() {
        assertThat(ask(ModelPolicy.none(), "llama3")).isEqualTo(NOT_PERMITTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama3", "LLAMA3:Latest", "library/llama3", "registry.ollama.ai/library/llama3:latest"})
    void every_spelling_of_a_permitted_model_becomes_the_operators(String asked) {
        Grant grant = granted(allowed("Llama3"), asked);

        assertThat(grant.model()).isEqualTo("Llama3");
        assertThat(UTF_8.decode(grant.upstreamBody()).toString()).startsWith("{\"model\":\"Llama3\",");
    }

    @Test
    void with_all_allowed_the_spelling_is_ollamas() {
        assertThat(granted(new ModelPolicy(true, List.of()), "LLAMA3").model()).isEqualTo("llama3:latest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "absent",
                "qwen3:8b",
                "qwen3",
                "llama3:8b",
                " llama3",
                "llama3 ",
                "llama3:local",
                "llama3:cloud",
                "llama3@sha256:aaaa",
                "https://registry.ollama.ai/library/llama3",
                "../llama3",
                "hf.co/library/llama3",
                "llama3\u0000",
                "ll\u0430ma3",
                ":"
            })
    void forbidden_absent_and_unparseable_models_get_one_answer(String asked) {
        assertThat(ask(allowed("llama3", "not-installed"), asked)).isEqualTo(NOT_PERMITTED);
    }

    @Test
    void an_entry_that_is_not_installed_does_not_resolve() {
        assertThat(ask(allowed("absent"), "absent")).isEqualTo(NOT_PERMITTED);
    }

    @Test
    void allowing_all_excludes_cloud_and_remote_models_that_are_not_named() {
        ModelPolicy all = new ModelPolicy(true, List.of());
        assertThat(ask(all, "gpt-oss:120b-cloud")).isEqualTo(NOT_PERMITTED);
        assertThat(ask(all, "stub")).isEqualTo(NOT_PERMITTED);

        ModelPolicy named = new ModelPolicy(true, List.of("gpt-oss:120b-cloud", "stub"));
        assertThat(granted(named, "gpt-oss:120b-cloud").model()).isEqualTo("gpt-oss:120b-cloud");
        assertThat(granted(named, "stub:latest").model()).isEqualTo("stub");
        assertThat(ask(named, "gpt-oss:120b")).isEqualTo(NOT_PERMITTED);
    }

    @Test
    void the_local_suffix_is_for_those_whose_operator_wrote_it() {
        assertThat(ask(new ModelPolicy(true, List.of()), "llama3:local")).isEqualTo(NOT_PERMITTED);
        assertThat(granted(allowed("llama3:local"), "llama3:local").model()).isEqualTo("llama3:local");
        assertThat(granted(allowed("llama3:local"), "llama3").model()).isEqualTo("llama3:local");
    }

    @Test
    void a_pinned_digest_must_be_the_installed_one() {
        assertThat(granted(allowed("llama3@sha256:" + DIGEST), "llama3").model())
                .isEqualTo("llama3");
        assertThat(granted(allowed("llama3@sha256:" + DIGEST.toUpperCase(Locale.ROOT)), "llama3")
                        .model())
                .isEqualTo("llama3");
        for (String pin : new String[] {OTHER_DIGEST, "", DIGEST.substring(1), DIGEST + "a"}) {
            assertThat(ask(allowed("llama3@sha256:" + pin), "llama3")).isEqualTo(NOT_PERMITTED);
        }
    }

    @Test
    void a_tag_that_points_elsewhere_at_the_next_discovery_is_denied() {
        ModelPolicy pinned = allowed("llama3@sha256:" + DIGEST);
        assertThat(ask(pinned, "llama3")).isInstanceOf(Authorization.Granted.class);

        discovery = Optional.of(new ModelCatalog.Discovery(List.of(model("llama3:latest", OTHER_DIGEST, false)), "v"));

        assertThat(ask(pinned, "llama3")).isEqualTo(NOT_PERMITTED);
    }

    @Test
    void a_model_listed_with_two_digests_is_not_permitted() {
        List<InstalledModel> both = new ArrayList<>(installed);
        both.add(model("LLAMA3:latest", OTHER_DIGEST, false));
        discovery = Optional.of(new ModelCatalog.Discovery(both, "v"));

        assertThat(ask(allowed("llama3"), "llama3")).isEqualTo(NOT_PERMITTED);
        assertThat(ask(new ModelPolicy(true, List.of()), "llama3")).isEqualTo(NOT_PERMITTED);
    }

    @Test
    void without_a_young_discovery_nothing_resolves() {
        discovery = Optional.empty();

        assertThat(ask(allowed("llama3"), "llama3"))
                .isEqualTo(new Authorization.Refused(Denial.of(Reason.MODELS_UNVERIFIABLE)));
        assertThat(authorizer.visible(principal(allowed("llama3"), null))).isEqualTo(new VisibleModels.Unverifiable());
    }

    @Test
    void a_model_is_found_by_every_spelling_and_called_by_the_operators() {
        for (String asked : new String[] {"llama3", "LLAMA3:Latest", "library/llama3"}) {
            assertThat(authorizer.find(principal(allowed("Llama3"), null), asked))
                    .isEqualTo(new ModelLookup.Found("Llama3", installed.get(0), Optional.empty()));
        }
    }

    @Test
    void forbidden_and_missing_models_are_not_found_alike() {
        for (String asked : new String[] {"qwen3:8b", "absent", "not a name", ""}) {
            assertThat(authorizer.find(principal(allowed("llama3"), null), asked))
                    .isEqualTo(new ModelLookup.Refused(Denial.of(Reason.MODEL_NOT_PERMITTED)));
        }
        discovery = Optional.empty();
        assertThat(authorizer.find(principal(allowed("llama3"), null), "llama3"))
                .isEqualTo(new ModelLookup.Refused(Denial.of(Reason.MODELS_UNVERIFIABLE)));
    }

    /** Medians of interleaved pairs, and a bound that only a real difference exceeds: looking something up, or logging. */
    @Test
    void a_forbidden_model_takes_no_other_time_than_a_missing_one() {
        int pairs = 4_000;
        Principal caller = principal(allowed("llama3"), null);
        byte[] forbidden = body("qwen3:8b");
        byte[] missing = body("qwen4:8b");
        long[] ofForbidden = new long[pairs];
        long[] ofMissing = new long[pairs];
        for (int i = -pairs; i < pairs; i++) {
            boolean first = (i & 1) == 0;
            long one = nanosOf(caller, first ? forbidden : missing);
            long other = nanosOf(caller, first ? missing : forbidden);
            if (i >= 0) {
                ofForbidden[i] = first ? one : other;
                ofMissing[i] = first ? other : one;
            }
        }

        assertThat((double) median(ofForbidden)).isCloseTo(median(ofMissing), withinPercentage(50));
    }

    private long nanosOf(Principal caller, byte[] body) {
        long before = System.nanoTime();
        Authorization refused = authorizer.authorize(caller, CHAT, body);
        long nanos = System.nanoTime() - before;
        assertThat(refused).isEqualTo(NOT_PERMITTED);
        return nanos;
    }

    private static long median(long[] nanos) {
        Arrays.sort(nanos);
        return nanos[nanos.length / 2];
    }

    @Test
    void other_fields_are_not_looked_at_before_the_model_is_permitted() {
        String wrong = "{\"model\":\"%s\",\"messages\":5,\"stream\":\"x\"}";

        for (String asked : new String[] {"qwen3:8b", "absent", "not a name"}) {
            assertThat(authorizer.authorize(
                            principal(allowed("llama3"), null),
                            CHAT,
                            wrong.formatted(asked).getBytes(UTF_8)))
                    .isEqualTo(NOT_PERMITTED);
        }
        assertThat(authorizer.authorize(
                        principal(allowed("llama3"), null),
                        CHAT,
                        wrong.formatted("llama3").getBytes(UTF_8)))
                .isEqualTo(new Authorization.Refused(Denial.ofField(Reason.INVALID_FIELD, "stream")));
    }

    @Test
    void json_is_judged_before_the_model() {
        assertThat(authorizer.authorize(
                        principal(ModelPolicy.none(), null), CHAT, "{\"model\":\"a\",\"MODEL\":\"b\"}".getBytes(UTF_8)))
                .isEqualTo(new Authorization.Refused(Denial.of(Reason.INVALID_JSON)));
    }

    @Test
    void the_lower_of_the_caps_holds() {
        assertThat(granted(allowed("llama3"), "llama3").outputCap()).isEqualTo(4096);
        assertThat(outputCap(10)).isEqualTo(10);
        assertThat(outputCap(100_000)).isEqualTo(4096);
    }

    @Test
    void a_cap_of_zero_is_no_unlimited_output() {
        assertThat(authorizer.authorize(principal(allowed("llama3"), 0), CHAT, body("llama3")))
                .isEqualTo(new Authorization.Refused(Denial.of(Reason.REQUEST_EXCEEDS_LIMIT)));
        assertThatIllegalArgumentException().isThrownBy(() -> Authorizer.catalog(() -> discovery, 0));
    }

    @Test
    void the_input_bound_counts_text_schemas_messages_and_images() {
        assertThat(inputBound("[{\"role\":\"user\",\"content\":\"12345\"}]", ""))
                .isEqualTo(256 + 64 + 5);
        assertThat(inputBound("[{\"role\":\"user\",\"content\":\"é\"},{\"role\":\"user\",\"images\":[\"aGk=\"]}]", ""))
                .isEqualTo(256 + 2 * 64 + 2 + 4096);
        assertThat(inputBound("[{\"role\":\"user\"}]", ",\"format\":{\"a\":1}")).isEqualTo(256 + 64 + 6 * 8 + 4096);
    }

    @Test
    void what_ollama_prints_as_json_is_bound_by_its_longest_escapes() {
        String tool = "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"<<<\",\"parameters\":{}}}";

        assertThat(inputBound("[{\"role\":\"user\"}]", ",\"tools\":[" + tool + "]"))
                .isEqualTo(256 + 64 + 64 + 6 * ("f".length() + "<<<".length() + ":{}".length()));
    }

    @Test
    void what_a_model_was_seen_to_need_is_reserved_on_top_of_what_the_operator_says() {
        ModelBounds learnt = ModelBounds.inMemory();
        Authorizer told = Authorizer.catalog(() -> discovery, 4096, new TokenBound(1000, 10), learnt);
        Supplier<Long> bound =
                () -> ((Authorization.Granted) told.authorize(principal(allowed("llama3"), null), CHAT, body("llama3")))
                        .grant()
                        .inputBound();
        long before = bound.get();

        learnt.exceeded("registry.ollama.ai/library/llama3:latest", 7000);
        learnt.exceeded("registry.ollama.ai/library/llama3:latest", 5000);
        learnt.exceeded("registry.ollama.ai/library/qwen3:8b", 9000);

        assertThat(before).isBetween(1064L, 1074L);
        assertThat(bound.get()).isEqualTo(before + 7000);
    }

    @Test
    void the_grant_tells_what_was_asked_and_what_was_changed() {
        Grant grant = ((Authorization.Granted) authorizer.authorize(
                        principal(allowed("llama3"), null),
                        CHAT_COMPLETIONS,
                        ("{\"model\":\"llama3\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"user\":\"u\","
                                        + "\"max_tokens\":9999,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")
                                .getBytes(UTF_8)))
                .grant();

        assertThat(grant.endpoint()).isEqualTo(CHAT_COMPLETIONS);
        assertThat(grant.streamed()).isTrue();
        assertThat(grant.usageWanted()).isTrue();
        assertThat(grant.adjusted()).containsExactly("user", "max_tokens");
    }

    @Test
    void only_permitted_models_are_listed_in_ollamas_order() {
        assertThat(visible(allowed("qwen3:8b", "llama3", "absent"))).containsExactly("llama3:latest", "qwen3:8b");
        assertThat(visible(new ModelPolicy(true, List.of()))).containsExactly("llama3:latest", "qwen3:8b");
        assertThat(visible(new ModelPolicy(true, List.of("stub"))))
                .containsExactly("llama3:latest", "qwen3:8b", "stub:latest");
        assertThat(visible(ModelPolicy.none())).isEmpty();
    }

    @Test
    void listings_show_what_is_visible() {
        VisibleModels.Known known = new VisibleModels.Known(installed.subList(0, 2), "0.33.0");
        VisibleModels.Known none = new VisibleModels.Known(List.of(), "0.33.0");

        assertThat(new String(Listings.tags(known), UTF_8))
                .isEqualTo("{\"models\":[{\"name\":\"llama3:latest\"},{\"name\":\"qwen3:8b\"}]}");
        assertThat(new String(Listings.tags(none), UTF_8)).isEqualTo("{\"models\":[]}");
        assertThat(new String(Listings.models(known), UTF_8))
                .isEqualTo(
                        "{\"object\":\"list\",\"data\":[{\"id\":\"llama3:latest\",\"object\":\"model\",\"created\":7,"
                                + "\"owned_by\":\"library\"},{\"id\":\"qwen3:8b\",\"object\":\"model\",\"created\":7,\"owned_by\":\"library\"}]}");
        assertThat(new String(Listings.models(none), UTF_8)).isEqualTo("{\"object\":\"list\",\"data\":[]}");
        assertThat(new String(Listings.version(known), UTF_8)).isEqualTo("{\"version\":\"0.33.0\"}");
    }

    private List<String> visible(ModelPolicy policy) {
        return ((VisibleModels.Known) authorizer.visible(principal(policy, null)))
                .models().stream().map(InstalledModel::spelling).toList();
    }

    private int outputCap(int principalCap) {
        return ((Authorization.Granted)
                        authorizer.authorize(principal(allowed("llama3"), principalCap), CHAT, body("llama3")))
                .grant()
                .outputCap();
    }

    private long inputBound(String messages, String more) {
        byte[] body = ("{\"model\":\"llama3\",\"messages\":" + messages + more + "}").getBytes(UTF_8);
        return ((Authorization.Granted) authorizer.authorize(principal(allowed("llama3"), null), CHAT, body))
                .grant()
                .inputBound();
    }

    private Grant granted(ModelPolicy policy, String model) {
        Authorization authorization = ask(policy, model);
        assertThat(authorization).isInstanceOf(Authorization.Granted.class);
        return ((Authorization.Granted) authorization).grant();
    }

    private Authorization ask(ModelPolicy policy, String model) {
        return authorizer.authorize(principal(policy, null), CHAT, body(model));
    }

    private static byte[] body(String model) {
        String escaped = model.replace("\u0000", "\\u0000");
        return ("{\"model\":\"" + escaped + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")
                .getBytes(UTF_8);
    }

    private static ModelPolicy allowed(String... names) {
        return new ModelPolicy(false, List.of(names));
    }

    private static Principal principal(ModelPolicy policy, @Nullable Integer maxOutputTokens) {
        return new Principal("t", new KeyId("0123456789ab"), policy, Limits.none(), Limits.none(), maxOutputTokens, 1);
    }

    private static InstalledModel model(String spelling, String digest, boolean remote) {
        return new InstalledModel(
                ModelName.parse(spelling).orElseThrow(),
                spelling,
                digest,
                remote,
                "{\"name\":\"" + spelling + "\"}",
                7);
    }
}
