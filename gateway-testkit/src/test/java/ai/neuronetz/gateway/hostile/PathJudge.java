package ai.neuronetz.gateway.hostile;

import ai.neuronetz.gateway.hostile.PathCorpus.Variant;
import ai.neuronetz.gateway.testkit.ReceivedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what a gateway did that it must not, from the answers it gave and from what Ollama saw. */
final class PathJudge {

    /** What the gateway itself asks for, whoever calls. */
    private static final Set<String> DISCOVERY = Set.of("GET /api/tags", "GET /api/version", "POST /api/show");

    private static final Set<String> READING = Set.of("GET", "HEAD");
    private static final Pattern MARKER = Pattern.compile("variant-([0-9]+)\\.");

    private final List<Variant> corpus;
    private final UnaryOperator<String> shown;

    /** @param shown what a container lets anyone see of a target */
    PathJudge(List<Variant> corpus, UnaryOperator<String> shown) {
        this.corpus = corpus;
        this.shown = shown;
    }

    /** The path of the table that a variant calls; nothing is done to the bytes before they are compared. */
    Optional<String> called(Variant variant) {
        String target = shown.apply(variant.target());
        String path = KnownPaths.SPELLINGS.getOrDefault(target, target);
        boolean known = (KnownPaths.PUBLIC.contains(path) && READING.contains(variant.method()))
                || KnownPaths.ALLOWED.getOrDefault(path, Set.of()).contains(variant.method());
        return known ? Optional.of(path) : Optional.empty();
    }

    /** @param statuses by the number of the variant; 0 where the connection was closed without an answer */
    List<String> violations(Map<Integer, Integer> statuses, List<ReceivedRequest> seen) {
        List<String> violations = new ArrayList<>();
        for (Variant variant : corpus) {
            int status = statuses.getOrDefault(variant.number(), -1);
            if (status < 0) {
                violations.add("not sent: " + variant);
            } else if (status < 400 && status > 0 && called(variant).isEmpty()) {
                violations.add("answered " + status + ": " + variant);
            }
        }
        for (ReceivedRequest request : seen) {
            judge(request, violations);
        }
        return violations;
    }

    private void judge(ReceivedRequest request, List<String> violations) {
        Matcher marker = MARKER.matcher(request.body());
        if (!marker.find()) {
            if (!DISCOVERY.contains(request.method() + " " + request.target())) {
                violations.add("seen, from nobody: " + request.method() + " " + request.target());
            }
            return;
        }
        Variant variant = corpus.get(Integer.parseInt(marker.group(1)));
        Set<String> methods = KnownPaths.ALLOWED.getOrDefault(request.target(), Set.of());
        boolean asCalled = called(variant).filter(request.target()::equals).isPresent();
        if (!asCalled || !methods.contains(request.method())) {
            violations.add("seen as " + request.method() + " " + request.target() + ": " + variant);
        }
    }
}
