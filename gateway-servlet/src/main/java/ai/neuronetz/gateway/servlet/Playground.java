package ai.neuronetz.gateway.servlet;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.exchange.Answer;
import ai.neuronetz.gateway.exchange.ClientRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The page that lets people try the gateway in a browser, served without a key at {@code /playground} and {@code /playground/}.
 *
 * <p>A key is typed into this page, so its answer allows the browser the page's own script and style, by their hashes,
 * calls to the page's own origin, and nothing else. Immutable.
 */
public final class Playground {

    /** No page: its paths are as unknown as any. The default. */
    public static final Playground NONE = new Playground(null);

    private static final Set<String> TARGETS = Set.of("/playground", "/playground/");
    private static final String METHODS = "GET, HEAD";

    private final @Nullable Answer page;

    private Playground(@Nullable Answer page) {
        this.page = page;
    }

    /**
     * A page of one file.
     *
     * @throws IllegalArgumentException if it has not exactly one {@code <script>} and one {@code <style>}, both inline and
     *     without attributes: a browser would refuse what has no hash
     */
    public static Playground of(String html) {
        requireNonNull(html, "html");
        // Browsers read line ends so before they hash.
        String read = html.replace("\r\n", "\n").replace('\r', '\n');
        String policy = String.join(
                "; ",
                "default-src 'none'",
                "script-src '" + hash(only("script", read)) + "'",
                "style-src '" + hash(only("style", read)) + "'",
                "connect-src 'self'",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types 'none'");
        return new Playground(Answer.of(200, "text/html; charset=utf-8", read.getBytes(StandardCharsets.UTF_8))
                .with(Map.of(
                        "Content-Security-Policy", policy,
                        "Referrer-Policy", "no-referrer",
                        "Cross-Origin-Opener-Policy", "same-origin",
                        "Cross-Origin-Resource-Policy", "same-origin")));
    }

    /** The page, or that it is only read; empty for any other target, and without a page for every target. */
    Optional<Answer> answer(ClientRequest request) {
        if (page == null || !TARGETS.contains(request.target())) {
            return Optional.empty();
        }
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        return Optional.of(
                reads
                        ? ConstantAnswers.standard(page)
                        : ConstantAnswers.methodNotAllowed(request).with("Allow", METHODS));
    }

    private static String only(String element, String html) {
        Matcher opening = Pattern.compile("(?i)<" + element + "[\\s/>]").matcher(html);
        long count = opening.results().count();
        Matcher matcher = Pattern.compile("<" + element + ">(.*?)</" + element + ">", Pattern.DOTALL)
                .matcher(html);
        if (count != 1 || !matcher.find()) {
            throw new IllegalArgumentException("expected: one <" + element + "> without attributes, and no other");
        }
        return matcher.group(1);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return page == null ? "none" : "served";
    }
}
