package ai.neuronetz.gateway.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of the audit log are asked for; null asks for all.
 *
 * @param since inclusive
 * @param until exclusive
 * @param outcome of requests; nothing else has one, so it leaves out all else
 */
public record AuditFilter(
        @Nullable Kind kind,
        @Nullable String tenantId,
        @Nullable String keyId,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable String outcome) {

    /** What an entry is about. */
    public enum Kind {
        REQUEST,
        DENIAL,
        REFUSALS,
        CHANGE,
        SEAL
    }

    public static AuditFilter ofTenant(@Nullable String tenantId) {
        return new AuditFilter(null, tenantId, null, null, null, null);
    }

    /** Whether entries of a kind can pass at all. */
    public boolean admits(Kind asked) {
        boolean belongsToCaller = asked != Kind.REFUSALS && asked != Kind.SEAL;
        return (kind == null || kind == asked)
                && (belongsToCaller || (tenantId == null && keyId == null))
                && (asked == Kind.REQUEST || outcome == null);
    }
}
