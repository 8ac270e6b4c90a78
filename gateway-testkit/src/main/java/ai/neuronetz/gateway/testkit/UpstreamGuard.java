package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.testkit.InferenceRequest.Malformed;
import ai.neuronetz.gateway.testkit.LedgerView.Admission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds what should not have reached Ollama. */
final class UpstreamGuard {

    private static final Set<String> DISCOVERY = Set.of("GET /api/tags", "GET /api/version", "POST /api/show");

    /** Of clients or of proxies before them; nothing of either is Ollama's business. */
    private static final Pattern CLIENT_HEADERS = Pattern.compile(
            "authorization|proxy-authorization|cookie|x-api-key|api-key|forwarded|x-forwarded-.*|x-real-ip"
                    + "|origin|referer|(anthropic|openai|x-stainless)-.*");

    private final Map<UUID, Admission> admissions = new HashMap<>();
    private final Map<UUID, Integer> answers = new HashMap<>();
    private final Map<UUID, ReceivedRequest> sent = new HashMap<>();
    private final List<String> violations = new ArrayList<>();

    UpstreamGuard(List<Admission> admissions, List<Callers.Call> calls) {
        admissions.forEach(admission -> this.admissions.put(admission.requestId(), admission));
        for (Callers.Call call : calls) {
            if (call.requestId() != null) {
                answers.put(call.requestId(), call.status());
            }
        }
    }

    /** Each says what is wrong and where to look. */
    List<String> unexpected(List<ReceivedRequest> requests) {
        for (ReceivedRequest request : requests) {
            String line = request.method() + " " + request.target();
            if (DISCOVERY.contains(line)) {
                continue;
            }
            Route route = Route.of(request.target()).orElse(null);
            if (route == null || !request.method().equals("POST")) {
                violations.add(
                        "Ollama got " + line + ", which is no inference endpoint: look at the Upstream, and at what"
                                + " it takes the target from");
            } else {
                compare(request, route, describe(request));
            }
        }
        return violations;
    }

    /** Headers that are the client's; the secrets that may be in them are not told. */
    static List<String> clientHeaders(List<ReceivedRequest> requests, Callers callers) {
        Set<String> found = new TreeSet<>();
        for (ReceivedRequest request : requests) {
            request.headers().forEach((name, values) -> {
                if (CLIENT_HEADERS.matcher(name).matches()) {
                    found.add("Ollama got the header " + name + " with " + request.path()
                            + ", which is the client's: look at the Upstream, and build its headers anew");
                } else if (values.stream().anyMatch(callers::anyIssuedIn)) {
                    found.add("Ollama got a client's key in the header " + name + " with " + request.path()
                            + ": look at the Upstream");
                }
            });
            if (callers.anyIssuedIn(request.target())) {
                found.add("Ollama got a client's key in the target of a request to " + request.path()
                        + ": look at the Upstream");
            }
        }
        return List.copyOf(found);
    }

    private void compare(ReceivedRequest request, Route route, String what) {
        UUID id = requestId(request);
        Admission admission = id == null ? null : admissions.get(id);
        if (id == null || admission == null) {
            violations.add(what + notAdmitted(id));
            return;
        }
        if (sent.putIfAbsent(id, request) != null) {
            violations.add(
                    "Ollama got " + admission + " more than once, and one reservation pays for one request: look at"
                            + " the Upstream for retries");
            return;
        }
        if (!request.path().equals(admission.endpoint())) {
            violations.add(what + " but the ledger admitted " + admission + ": look at the Upstream");
            return;
        }
        body(request, route, admission, what);
        List<String> allowed = admission.allowed();
        if (allowed != null
                && allowed.stream().noneMatch(entry -> same(entry.replaceFirst("@sha256:.*", ""), admission.model()))) {
            violations.add(
                    what + " but its key may use only " + allowed + ": " + admission + "; look at the Authorizer");
        }
    }

    private void body(ReceivedRequest request, Route route, Admission admission, String what) {
        InferenceRequest read;
        try {
            read = InferenceRequest.parse(route, request);
        } catch (Malformed e) {
            violations.add(what + " with a body that Ollama cannot read (" + e.text() + ") for " + admission
                    + ": look at the Authorizer, which has to write it anew");
            return;
        }
        if (!same(read.model(), admission.model())) {
            violations.add(what + " for the model " + read.model() + ", but the ledger admitted " + admission
                    + ": look at the Authorizer, which has to write the body anew");
        }
        boolean generates = !route.embeds() && !read.loadsOnly();
        if (generates && read.cap() > admission.outputCap()) {
            String cap = read.cap() == Long.MAX_VALUE ? "no cap on its output" : "an output cap of " + read.cap();
            violations.add(what + " with " + cap + ", but " + admission.outputCap() + " output tokens are reserved for "
                    + admission + ": look at the Authorizer, which has to write the cap into the body");
        }
        if (read.promptTokens() > admission.inputBound()) {
            violations.add(what + " with an input of " + read.promptTokens() + " tokens, but " + admission.inputBound()
                    + " are reserved for " + admission + ": look at the input bound that the Authorizer grants");
        }
    }

    private String notAdmitted(@Nullable UUID id) {
        if (id == null) {
            return " without an X-Request-ID that the ledger could know: look at the Upstream, and whether it sends what"
                    + " nothing reserved";
        }
        int answered = answers.getOrDefault(id, 0);
        return answered >= 400
                ? ", which the ledger did not admit and the client was denied with " + answered
                        + ": look for who sends it to Ollama all the same"
                : ", which the ledger did not admit: look at the Meter, whether it reserves before it says yes";
    }

    static @Nullable UUID requestId(ReceivedRequest request) {
        return Callers.uuid(request.header("x-request-id").orElse(null));
    }

    private static String describe(ReceivedRequest request) {
        UUID id = requestId(request);
        return "Ollama got POST " + request.path() + (id == null ? "" : " as request " + id);
    }

    private static boolean same(String one, String other) {
        return MockModel.canonical(one).equals(MockModel.canonical(other));
    }
}
