package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.metering.Epoch;
import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Settlement;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is said to the ledger's functions, and what they answer. */
final class LedgerJson {

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
            .build());

    private LedgerJson() {}

    /** Not by the node's own toString, which leaves its buffers in a host's threads. */
    static String text(JsonNode json) {
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a node could not be written", e);
        }
    }

    static ArrayNode array() {
        return JSON.createArrayNode();
    }

    static ObjectNode admission(Admission admission, String instance, long deadlineMillis) {
        return JSON.createObjectNode()
                .put("rid", admission.requestId().toString())
                .put("tenant", admission.principal().tenantId())
                .put("key", admission.principal().keyId().value())
                .put("instance", instance)
                .put("epoch", admission.epoch())
                .put("revision", admission.principal().revision())
                .put("endpoint", admission.endpoint())
                .put("model", admission.model())
                .put("input", admission.inputBound())
                .put("output", admission.outputCap())
                .put("ttl_ms", deadlineMillis);
    }

    static ObjectNode settlement(UUID requestId, Settlement settlement) {
        return JSON.createObjectNode()
                .put("rid", requestId.toString())
                .put("outcome", settlement.outcome().name())
                .put("basis", settlement.basis().name())
                .put("input", settlement.inputTokens())
                .put("output", settlement.outputTokens())
                .put("charged", settlement.charged())
                .put("status", settlement.upstreamStatus())
                .put("first_byte_ms", settlement.firstByteMillis())
                .put("duration_ms", settlement.durationMillis());
    }

    /** For the spool. */
    static String pending(PendingSettlement pending) {
        ObjectNode node = pending.settlement == null
                ? JSON.createObjectNode()
                        .put("rid", pending.requestId.toString())
                        .put("void", true)
                : settlement(pending.requestId, pending.settlement);
        return text(node.put("tenant", pending.tenantId));
    }

    /** @throws IllegalArgumentException if it is not what {@link #pending(PendingSettlement)} writes */
    static PendingSettlement pending(String json) {
        try {
            JsonNode node = JSON.readTree(json);
            UUID requestId = UUID.fromString(node.required("rid").asText());
            Settlement settlement = node.path("void").asBoolean()
                    ? null
                    : new Settlement(
                            Settlement.Outcome.valueOf(node.required("outcome").asText()),
                            Settlement.Basis.valueOf(node.required("basis").asText()),
                            number(node.get("input")),
                            number(node.get("output")),
                            node.required("charged").longValue(),
                            node.hasNonNull("status") ? node.get("status").intValue() : null,
                            number(node.get("first_byte_ms")),
                            node.required("duration_ms").longValue());
            return new PendingSettlement(requestId, node.required("tenant").asText(), settlement);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no settlement", e);
        }
    }

    private static @Nullable Long number(@Nullable JsonNode node) {
        return node == null || node.isNull() ? null : node.longValue();
    }

    static Epoch epoch(String json) throws SQLException {
        try {
            JsonNode node = JSON.readTree(json);
            List<Epoch.Open> open = new ArrayList<>();
            for (JsonNode entry : node.required("open")) {
                open.add(new Epoch.Open(
                        UUID.fromString(entry.required(0).textValue()),
                        new KeyId(entry.required(1).textValue()),
                        entry.required(2).longValue()));
            }
            List<Epoch.Settled> settled = new ArrayList<>();
            for (JsonNode entry : node.required("settled")) {
                settled.add(new Epoch.Settled(
                        new KeyId(entry.required(0).textValue()),
                        entry.required(1).longValue(),
                        entry.required(2).longValue()));
            }
            List<Epoch.Admitted> admitted = new ArrayList<>();
            for (JsonNode entry : node.required("admitted")) {
                admitted.add(new Epoch.Admitted(
                        new KeyId(entry.required(0).textValue()),
                        entry.required(1).longValue()));
            }
            return new Epoch(node.required("number").longValue(), open, settled, admitted);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new SQLException("the answer of begin_epoch cannot be read", "XX000", e);
        }
    }
}
