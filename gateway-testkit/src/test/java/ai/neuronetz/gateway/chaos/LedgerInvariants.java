package ai.neuronetz.gateway.chaos;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/** What must hold between the model server, the ledger and the clients, one request at a time. */
final class LedgerInvariants {

    private LedgerInvariants() {}

    static List<Violation> check(Evidence evidence) {
        List<Violation> violations = new ArrayList<>();
        admittedOnce(evidence, violations);
        settledOnce(evidence, violations);
        countersAreTheLedger(evidence, violations);
        neverUndercharged(evidence, violations);
        deniedMeansNotForwarded(evidence, violations);
        return violations;
    }

    private static void admittedOnce(Evidence evidence, List<Violation> violations) {
        Map<UUID, LedgerRecords.Entry> admissions = evidence.admissions();
        Set<UUID> seen = new HashSet<>();
        Set<UUID> twice = new HashSet<>();
        Set<UUID> unknown = new HashSet<>();
        for (GroundTruth.Work work : evidence.truth().generations()) {
            if (!seen.add(work.requestId())) {
                twice.add(work.requestId());
            }
            if (!admissions.containsKey(work.requestId())) {
                unknown.add(work.requestId());
            }
        }
        report("I1", "forwarded twice", twice, violations);
        report("I1", "forwarded without an admission", unknown, violations);
        if (evidence.truth().anonymous() > 0) {
            violations.add(new Violation(
                    "I1", "forwarded without a request id: " + evidence.truth().anonymous()));
        }
    }

    private static void settledOnce(Evidence evidence, List<Violation> violations) {
        List<LedgerRecords.Entry> entries = evidence.ledger().entries();
        report("I2", "never settled", ids(entries, entry -> entry.settlements() == 0), violations);
        report("I2", "settled more than once", ids(entries, entry -> entry.settlements() > 1), violations);
        report("I2", "not exactly one audit row", ids(entries, entry -> entry.auditRows() != 1), violations);
        report(
                "I2",
                "settled without an admission",
                new HashSet<>(evidence.ledger().unadmitted()),
                violations);
    }

    private static void countersAreTheLedger(Evidence evidence, List<Violation> violations) {
        for (LedgerRecords.Account account : evidence.ledger().accounts()) {
            long counted = account.spent() + account.overrun();
            if (account.reserved() != 0) {
                violations.add(new Violation("I3", account.name() + " still has " + account.reserved() + " reserved"));
            }
            if (counted != account.charges()) {
                violations.add(new Violation(
                        "I3",
                        account.name() + " counts " + counted + " where settlements add up to " + account.charges()));
            }
        }
    }

    private static void neverUndercharged(Evidence evidence, List<Violation> violations) {
        Map<UUID, LedgerRecords.Entry> admissions = evidence.admissions();
        for (GroundTruth.Work work : evidence.truth().generations()) {
            LedgerRecords.Entry entry = admissions.get(work.requestId());
            if (entry != null && entry.settlements() > 0 && work.total() > entry.charged()) {
                violations.add(Violation.of(
                        "I5",
                        "cost " + work.total() + " tokens and was charged " + entry.charged() + " (" + entry.outcome()
                                + ", " + entry.basis() + ")",
                        Set.of(work.requestId())));
            }
        }
    }

    private static void deniedMeansNotForwarded(Evidence evidence, List<Violation> violations) {
        Set<UUID> forwarded = new HashSet<>();
        evidence.truth().generations().forEach(work -> forwarded.add(work.requestId()));
        for (Reply reply : evidence.replies()) {
            UUID id = reply.requestId();
            if (id != null && reply.denied() && forwarded.contains(id)) {
                violations.add(Violation.of(
                        "I8", "denied with " + reply.status() + " " + reply.code() + ", yet forwarded", Set.of(id)));
            }
        }
    }

    private static Set<UUID> ids(List<LedgerRecords.Entry> entries, Predicate<LedgerRecords.Entry> which) {
        Set<UUID> ids = new HashSet<>();
        entries.stream().filter(which).forEach(entry -> ids.add(entry.requestId()));
        return ids;
    }

    private static void report(String invariant, String text, Set<UUID> requests, List<Violation> violations) {
        if (!requests.isEmpty()) {
            violations.add(Violation.of(invariant, requests.size() + " " + text, requests));
        }
    }
}
