package ai.neuronetz.gateway.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What must hold of each limit, measured at the model server. */
final class LimitInvariants {

    /** How a limit fared. */
    record Worst(String party, String limit, long most, long allowed) {
        @Override
        public String toString() {
            return party + ": " + limit + " " + most + " of " + allowed;
        }
    }

    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    /**
     * Requests are counted by the gate and dated by the ledger, which may be as much later as a gateway can stand still
     * between the two without being fenced.
     */
    private static final long MINUTE_OF_ADMISSIONS = Duration.ofSeconds(45).toNanos();

    /** The model server goes on until it notices that the gateway has hung up. */
    private static final long HANG_UP = Duration.ofMillis(250).toNanos();

    /**
     * After the last heartbeat: what is still running then was reaped, and its place given away. The one exception that is
     * documented: nobody can stop the streams of a gateway that stands still.
     */
    private static final Duration DEAD = Duration.ofSeconds(14);

    private final Evidence evidence;
    private final Map<UUID, LedgerRecords.Entry> admissions;
    private final List<Violation> violations = new ArrayList<>();
    private final List<Worst> worst = new ArrayList<>();
    private int excused;

    private LimitInvariants(Evidence evidence) {
        this.evidence = evidence;
        this.admissions = evidence.admissions();
    }

    static LimitInvariants check(Evidence evidence) {
        LimitInvariants limits = new LimitInvariants(evidence);
        Map<String, List<GroundTruth.Work>> workOf = limits.workByAccount();
        for (Map.Entry<String, Scenario.Party> party : evidence.parties().entrySet()) {
            List<GroundTruth.Work> work = workOf.getOrDefault(party.getKey(), List.of());
            limits.budget(party.getKey(), party.getValue(), work);
            limits.tokens(party.getValue(), work);
            limits.concurrency(party.getValue(), work);
            limits.requests(party.getKey(), party.getValue());
        }
        limits.reapedWhileRunning();
        return limits;
    }

    List<Violation> violations() {
        return violations;
    }

    List<Worst> worst() {
        return worst;
    }

    /** Requests of gateways that stood still for longer than the dead time. */
    int excused() {
        return excused;
    }

    private void budget(String account, Scenario.Party party, List<GroundTruth.Work> work) {
        Long limit = party.limits().totalBudget();
        if (limit == null) {
            return;
        }
        long most = evidence.samples().most().getOrDefault(account, 0L);
        compare("I4", party, "tokens reserved and spent", new Peak(most, 0, Set.of()), limit);
        long total = work.stream().mapToLong(GroundTruth.Work::total).sum();
        compare("I5", party, "true tokens", new Peak(total, 0, Set.of()), limit);
    }

    private void tokens(Scenario.Party party, List<GroundTruth.Work> work) {
        Long limit = party.limits().tokensPerMinute();
        if (limit != null) {
            List<Peak.Event> events =
                    work.stream().flatMap(one -> one.tokens().stream()).toList();
            compare("I6", party, "true tokens in 60 s", Peak.within(MINUTE, events), limit);
        }
    }

    private void concurrency(Scenario.Party party, List<GroundTruth.Work> work) {
        Long limit = party.limits().concurrency();
        if (limit != null) {
            List<Peak.Interval> intervals = work.stream()
                    .filter(one -> !outlivedItsGateway(one))
                    .map(LimitInvariants::interval)
                    .toList();
            excused += work.size() - intervals.size();
            compare("I7", party, "requests at a time", Peak.together(intervals), limit);
        }
    }

    private void requests(String account, Scenario.Party party) {
        Long limit = party.limits().requestsPerMinute();
        if (limit != null) {
            List<Peak.Event> events = evidence.ledger().entries().stream()
                    .filter(entry -> account.equals("t:" + entry.tenantId()) || account.equals("k:" + entry.keyId()))
                    // Admitted without the gateway hearing of it, denied, and taken back: no request of that minute.
                    .filter(entry -> !"NOT_FORWARDED".equals(entry.outcome()))
                    .map(entry -> new Peak.Event(nanos(entry.admittedAt()), 1, entry.requestId()))
                    .toList();
            compare("I6", party, "requests in 45 s", Peak.within(MINUTE_OF_ADMISSIONS, events), limit);
        }
    }

    private void reapedWhileRunning() {
        for (GroundTruth.Work work : evidence.truth().generations()) {
            LedgerRecords.Entry entry = admissions.get(work.requestId());
            Instant settledAt = entry == null ? null : entry.settledAt();
            if (entry != null
                    && settledAt != null
                    && "ORPHANED".equals(entry.outcome())
                    && work.endedAt().isAfter(settledAt.plusSeconds(1))
                    && !outlivedItsGateway(work)) {
                violations.add(Violation.of(
                        "I7",
                        "reaped at " + settledAt + " while it ran until " + work.endedAt(),
                        Set.of(work.requestId())));
            }
        }
    }

    private void compare(String invariant, Scenario.Party party, String limit, Peak peak, long allowed) {
        worst.add(new Worst(party.name(), limit, peak.amount(), allowed));
        if (peak.amount() > allowed) {
            violations.add(Violation.of(
                    invariant, party.name() + ": " + peak.amount() + " > " + allowed + " " + limit, peak.requests()));
        }
    }

    private boolean outlivedItsGateway(GroundTruth.Work work) {
        LedgerRecords.Entry entry = admissions.get(work.requestId());
        return entry != null
                && evidence.samples().silent().stream()
                        .anyMatch(silence -> silence.instanceId().equals(entry.instanceId())
                                && entry.admittedAt().isBefore(silence.until())
                                && work.endedAt().isAfter(silence.since().plus(DEAD)));
    }

    private Map<String, List<GroundTruth.Work>> workByAccount() {
        Map<String, List<GroundTruth.Work>> byAccount = new LinkedHashMap<>();
        for (GroundTruth.Work work : evidence.truth().generations()) {
            LedgerRecords.@Nullable Entry entry = admissions.get(work.requestId());
            if (entry != null) {
                for (String account : List.of("t:" + entry.tenantId(), "k:" + entry.keyId())) {
                    byAccount.computeIfAbsent(account, any -> new ArrayList<>()).add(work);
                }
            }
        }
        return byAccount;
    }

    private static Peak.Interval interval(GroundTruth.Work work) {
        long end = work.cancelled() ? work.endNanos() - HANG_UP : work.endNanos();
        return new Peak.Interval(work.startNanos(), end, work.requestId());
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000 + instant.getNano();
    }
}
