package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.admin.PromptAdministration;
import ai.neuronetz.gateway.identity.KeyId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Prompts, through the functions that {@code gateway_cli} may call; the tables themselves it may not even see. */
final class PostgresPromptAdministration implements PromptAdministration {

    private final PostgresAdministration database;

    PostgresPromptAdministration(PostgresAdministration database) {
        this.database = database;
    }

    @Override
    public void setRetention(KeyId keyId, @Nullable Duration retention) {
        database.change(
                "switch prompts on or off",
                "SELECT gateway.set_key_prompts(:key, CAST(:retention AS interval))",
                update -> update.bind("key", keyId.value())
                        .bindByType("retention", retention == null ? null : retention.toString(), String.class));
    }

    @Override
    public List<PromptRow> list(@Nullable String tenantId, @Nullable KeyId keyId, @Nullable Instant since, int limit) {
        return database.ask(
                "list prompts",
                handle -> handle.createQuery("SELECT * FROM gateway.list_prompts(:tenant, :key, :since, :limit)")
                        .bindByType("tenant", tenantId, String.class)
                        .bindByType("key", keyId == null ? null : keyId.value(), String.class)
                        .bindByType("since", atUtc(since), OffsetDateTime.class)
                        .bind("limit", limit)
                        .map((row, context) -> row(row, row.getInt("prompt_length"), row.getInt("answer_length")))
                        .list());
    }

    /** Two statements and two transactions: PostgreSQL shows nothing before the first has been committed. */
    @Override
    public Optional<Prompt> read(UUID requestId) {
        return database.ask("read prompts", handle -> {
            long announced = handle.createQuery("SELECT gateway.announce_prompt_read(:request)")
                    .bind("request", requestId)
                    .mapTo(Long.class)
                    .one();
            return handle.createQuery("SELECT * FROM gateway.read_prompt(:announced)")
                    .bind("announced", announced)
                    .map((row, context) -> prompt(row))
                    .findOne();
        });
    }

    @Override
    public long purge(@Nullable String tenantId, @Nullable KeyId keyId, @Nullable Instant before) {
        return database.ask(
                "purge prompts",
                handle -> handle.createQuery("SELECT gateway.purge_prompts(:tenant, :key, :before)")
                        .bindByType("tenant", tenantId, String.class)
                        .bindByType("key", keyId == null ? null : keyId.value(), String.class)
                        .bindByType("before", atUtc(before), OffsetDateTime.class)
                        .mapTo(Long.class)
                        .one());
    }

    private static Prompt prompt(ResultSet row) throws SQLException {
        String prompt = row.getString("prompt");
        String answer = row.getString("answer");
        return new Prompt(
                row(row, length(prompt), length(answer)),
                prompt,
                row.getBoolean("prompt_cut"),
                answer,
                row.getBoolean("answer_cut"));
    }

    /** As PostgreSQL counts. */
    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static PromptRow row(ResultSet row, int promptLength, int answerLength) throws SQLException {
        return new PromptRow(
                row.getObject("request_id", UUID.class),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getObject("gone_at", OffsetDateTime.class).toInstant(),
                row.getString("tenant_id"),
                new KeyId(row.getString("key_id")),
                row.getString("endpoint"),
                row.getString("model"),
                row.getString("outcome"),
                promptLength,
                answerLength);
    }

    private static @Nullable OffsetDateTime atUtc(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
