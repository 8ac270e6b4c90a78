package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.admin.PromptAdministration;
import ai.neuronetz.gateway.identity.KeyId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Prompts in a list, to see what commands ask for. */
final class InMemoryPrompts implements PromptAdministration {

    private final List<Prompt> prompts = new ArrayList<>();
    private String asked = "";

    void add(Prompt prompt) {
        prompts.add(prompt);
    }

    /** What the last call was about. */
    String asked() {
        return asked;
    }

    @Override
    public void setRetention(KeyId keyId, @Nullable Duration retention) {
        asked = keyId + " " + retention;
    }

    @Override
    public List<PromptRow> list(@Nullable String tenantId, @Nullable KeyId keyId, @Nullable Instant since, int limit) {
        asked = tenantId + " " + keyId + " " + since + " " + limit;
        return prompts.stream().map(Prompt::row).toList();
    }

    @Override
    public Optional<Prompt> read(UUID requestId) {
        asked = requestId.toString();
        return prompts.stream()
                .filter(prompt -> prompt.row().requestId().equals(requestId))
                .findFirst();
    }

    @Override
    public long purge(@Nullable String tenantId, @Nullable KeyId keyId, @Nullable Instant before) {
        asked = tenantId + " " + keyId + " " + before;
        long purged = prompts.size();
        prompts.clear();
        return purged;
    }
}
