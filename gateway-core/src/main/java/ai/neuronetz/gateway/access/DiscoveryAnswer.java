package ai.neuronetz.gateway.access;

import ai.neuronetz.gateway.ollama.ModelName;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what Ollama says it has installed. */
final class DiscoveryAnswer {

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern VERSION = Pattern.compile("[0-9A-Za-z.+_-]{1,64}");

    /** What clients may see. {@code parent_model} names another model, {@code remote_host} another machine. */
    private static final List<String> DETAILS = List.of(
            "format",
            "family",
            "families",
            "parameter_size",
            "quantization_level",
            "context_length",
            "embedding_length");

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(64).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private DiscoveryAnswer() {}

    /** In UTF-8. Not by the node's own toString, which leaves its buffers in a host's threads. */
    static byte[] bytes(JsonNode json) {
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a listing could not be written", e);
        }
    }

    /**
     * The models of a {@code /api/tags} answer, in its order. Entries whose name is not one that can be asked for are left
     * out.
     *
     * @throws IOException if it is not such an answer
     */
    static List<InstalledModel> models(byte[] json) throws IOException {
        JsonNode models = read(json).path("models");
        if (models.isNull()) {
            return List.of();
        }
        if (!(models instanceof ArrayNode list)) {
            throw new IOException("the answer of /api/tags has no list of models");
        }
        List<InstalledModel> installed = new ArrayList<>();
        for (JsonNode entry : list) {
            model(entry).ifPresent(installed::add);
        }
        return installed;
    }

    /**
     * The version of a {@code /api/version} answer.
     *
     * @throws IOException if it is not such an answer
     */
    static String version(byte[] json) throws IOException {
        String version = read(json).path("version").asText("");
        if (!VERSION.matcher(version).matches()) {
            throw new IOException("the answer of /api/version has no version");
        }
        return version;
    }

    private static Optional<InstalledModel> model(JsonNode entry) {
        String spelling = entry.path("model").asText("");
        if (spelling.isEmpty()) {
            spelling = entry.path("name").asText("");
        }
        ModelName name = ModelName.parse(spelling).orElse(null);
        if (name == null) {
            return Optional.empty();
        }
        String digest = digest(entry.path("digest").asText(""));
        boolean remote = name.cloud() || says(entry, "remote_host") || says(entry, "remote_model");
        String modified = entry.path("modified_at").asText("");
        return Optional.of(new InstalledModel(
                name, spelling, digest, remote, listing(entry, spelling, digest), epochSecond(modified)));
    }

    /** Anything but null and the empty string is a sign. */
    private static boolean says(JsonNode entry, String field) {
        JsonNode value = entry.path(field);
        boolean empty = value.isTextual() && value.textValue().isEmpty();
        return !value.isMissingNode() && !value.isNull() && !empty;
    }

    /** Empty if there is none, which no pin can match. */
    private static String digest(String text) {
        String digest = text.toLowerCase(Locale.ROOT);
        digest = digest.startsWith("sha256:") ? digest.substring("sha256:".length()) : digest;
        return DIGEST.matcher(digest).matches() ? digest : "";
    }

    private static String listing(JsonNode entry, String spelling, String digest) {
        ObjectNode listing = JsonNodeFactory.instance.objectNode();
        listing.put("name", spelling);
        listing.put("model", spelling);
        copyScalar(entry, "modified_at", listing);
        copyScalar(entry, "size", listing);
        listing.put("digest", digest);
        copyDetails(entry, listing);
        copyCapabilities(entry, listing);
        return listing.toString();
    }

    static JsonNode read(byte[] json) throws IOException {
        return MAPPER.readTree(json);
    }

    static void copyDetails(JsonNode from, ObjectNode to) {
        ObjectNode details = to.putObject("details");
        for (String field : DETAILS) {
            JsonNode value = from.path("details").path(field);
            if (value.isArray()) {
                copyStrings(value, details.putArray(field));
            } else {
                copyScalar(from.path("details"), field, details);
            }
        }
    }

    static void copyCapabilities(JsonNode from, ObjectNode to) {
        if (from.path("capabilities").isArray()) {
            copyStrings(from.path("capabilities"), to.putArray("capabilities"));
        }
    }

    static void copyScalar(JsonNode from, String field, ObjectNode to) {
        JsonNode value = from.path(field);
        if (value.isTextual() || value.isIntegralNumber()) {
            to.set(field, value);
        }
    }

    private static void copyStrings(JsonNode from, ArrayNode to) {
        for (JsonNode value : from) {
            if (value.isTextual()) {
                to.add(value);
            }
        }
    }

    private static long epochSecond(String text) {
        try {
            return text.isEmpty() ? 0 : OffsetDateTime.parse(text).toEpochSecond();
        } catch (DateTimeParseException unknown) {
            return 0;
        }
    }
}
