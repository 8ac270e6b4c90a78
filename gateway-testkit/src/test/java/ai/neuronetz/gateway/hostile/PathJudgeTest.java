package ai.neuronetz.gateway.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.hostile.PathCorpus.Variant;
import ai.neuronetz.gateway.testkit.ReceivedRequest;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The corpus and its judge are worth something only if they find a matcher that is not exact. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PathJudgeTest {

    /** What servers and frameworks do to a path before they compare it. */
    enum Normalising {
        DECODES(path -> URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.ISO_8859_1)),
        REMOVES_PARAMETERS(path -> path.replaceAll(";[^/]*", "")),
        RESOLVES_DOTS(path -> URI.create(path).normalize().getPath()),
        COLLAPSES_SLASHES(path -> path.replaceAll("/+", "/")),
        TURNS_BACKSLASHES(path -> path.replace('\\', '/')),
        FOLDS_CASE(path -> path.toLowerCase(Locale.ROOT)),
        IGNORES_A_TRAILING_SLASH(path -> path.replaceAll("(?<=.)/$", "")),
        TRIMS(String::strip),
        DROPS_THE_QUERY(path -> path.replaceAll("\\?.*", "")),
        DROPS_THE_FRAGMENT(path -> path.replaceAll("#.*", "")),
        IGNORES_EXTENSIONS(path -> path.replaceAll("\\.json$", ""));

        private final UnaryOperator<String> normalise;

        Normalising(UnaryOperator<String> normalise) {
            this.normalise = normalise;
        }
    }

    private final List<Variant> corpus = PathCorpus.generate(1);
    private final PathJudge judge = new PathJudge(corpus, target -> target);

    @Test
    void there_are_more_than_5000_variants_and_the_same_ones_each_time() {
        assertThat(corpus).hasSizeGreaterThan(5000).isEqualTo(PathCorpus.generate(1));
        assertThat(corpus.stream().map(Variant::manner).distinct()).hasSizeGreaterThan(12);
    }

    @Test
    void a_matcher_that_compares_bytes_is_found_innocent() {
        assertThat(violations(path -> path, false)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Normalising.class)
    void a_matcher_that_normalises_is_found_out(Normalising matcher) {
        assertThat(violations(matcher.normalise, false)).isNotEmpty();
    }

    @Test
    void a_matcher_that_ignores_the_method_is_found_out() {
        assertThat(violations(path -> path, true)).isNotEmpty();
    }

    @Test
    void a_gateway_that_forwards_what_it_was_sent_is_found_out_by_what_ollama_sees() {
        Variant query = variant("POST", "/api/chat?x=1");

        assertThat(judge.violations(refused(), List.of(seen("POST", "/api/chat?x=1", query))))
                .hasSize(1);
        assertThat(judge.violations(refused(), List.of(seen("POST", "/api/delete", query))))
                .hasSize(1);
        assertThat(judge.violations(refused(), List.of(seen("POST", "/api/chat", query))))
                .hasSize(1);
        assertThat(judge.violations(refused(), List.of(seen("POST", "/api/chat", variant("POST", "/api/chat")))))
                .isEmpty();
    }

    @Test
    void a_variant_that_was_never_sent_is_no_proof() {
        assertThat(judge.violations(Map.of(), List.of())).hasSameSizeAs(corpus);
    }

    /** What a gateway with such a matcher would have been found guilty of. */
    private List<String> violations(UnaryOperator<String> normalise, boolean anyMethod) {
        Map<Integer, Integer> statuses = refused();
        List<ReceivedRequest> seen = new ArrayList<>();
        for (Variant variant : corpus) {
            String path = matched(normalise, variant.target());
            Set<String> methods = KnownPaths.ALLOWED.getOrDefault(path, Set.of());
            if (methods.contains(variant.method()) || (anyMethod && !methods.isEmpty())) {
                statuses.put(variant.number(), 200);
                if (methods.contains("POST")) {
                    seen.add(seen("POST", path, variant));
                }
            }
        }
        return judge.violations(statuses, seen);
    }

    private static String matched(UnaryOperator<String> normalise, String target) {
        try {
            return normalise.apply(target);
        } catch (IllegalArgumentException e) {
            return target;
        }
    }

    private Map<Integer, Integer> refused() {
        Map<Integer, Integer> statuses = new HashMap<>();
        corpus.forEach(variant -> statuses.put(variant.number(), 404));
        return statuses;
    }

    private Variant variant(String method, String target) {
        return corpus.stream()
                .filter(variant ->
                        variant.method().equals(method) && variant.target().equals(target))
                .findFirst()
                .orElseThrow();
    }

    private static ReceivedRequest seen(String method, String target, Variant variant) {
        return new ReceivedRequest(
                1, method, target, Map.of(), "{\"x\":\"" + variant.marker() + "\"}", Instant.EPOCH, 0);
    }
}
