package ai.neuronetz.gateway.testkit;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A model that a {@link MockOllama} has, as {@code /api/tags} and {@code /api/show} tell of it.
 *
 * @param name in Ollama's canonical spelling, with its tag
 * @param digest 64 hex digits
 * @param remoteHost where a remote or cloud model is really run; null for a local one
 */
public record MockModel(
        String name,
        String digest,
        String family,
        String parameterSize,
        String quantization,
        long contextLength,
        List<String> capabilities,
        @Nullable String remoteHost) {

    public MockModel {
        requireNonNull(digest, "digest");
        name = canonical(name);
        capabilities = List.copyOf(capabilities);
    }

    /** A local model; its digest and its details follow from its name. */
    public static MockModel named(String name) {
        String canonical = canonical(name);
        String last = canonical.substring(canonical.lastIndexOf('/') + 1);
        int colon = last.indexOf(':');
        return new MockModel(
                canonical,
                digestOf(canonical),
                last.substring(0, colon).replace(".", ""),
                last.substring(colon + 1).toUpperCase(Locale.ROOT),
                "Q4_K_M",
                40_960,
                List.of("completion", "tools"),
                null);
    }

    /** With another digest, as if another file had been pulled under its name. */
    public MockModel withDigest(String hex) {
        return new MockModel(name, hex, family, parameterSize, quantization, contextLength, capabilities, remoteHost);
    }

    /** With other details; an architecture is told by the family. */
    public MockModel withDetails(
            String newFamily, String newParameterSize, String newQuantization, long newContextLength) {
        return new MockModel(
                name, digest, newFamily, newParameterSize, newQuantization, newContextLength, capabilities, remoteHost);
    }

    /** With these capabilities: completion, tools, thinking, vision, embedding. */
    public MockModel withCapabilities(String... names) {
        return new MockModel(
                name, digest, family, parameterSize, quantization, contextLength, List.of(names), remoteHost);
    }

    /** One that Ollama runs at another host, as it does cloud models at {@code https://ollama.com:443}. */
    public MockModel at(String newRemoteHost) {
        return new MockModel(
                name, digest, family, parameterSize, quantization, contextLength, capabilities, newRemoteHost);
    }

    static String canonical(String name) {
        String canonical = name.toLowerCase(Locale.ROOT);
        for (String prefix : List.of("registry.ollama.ai/", "library/")) {
            if (canonical.startsWith(prefix)) {
                canonical = canonical.substring(prefix.length());
            }
        }
        return canonical.indexOf(':', canonical.lastIndexOf('/') + 1) < 0 ? canonical + ":latest" : canonical;
    }

    private static String digestOf(String name) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
