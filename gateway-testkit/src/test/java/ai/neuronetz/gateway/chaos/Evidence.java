package ai.neuronetz.gateway.chaos;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** All that one run left behind. */
record Evidence(
        Map<String, Scenario.Party> parties,
        GroundTruth truth,
        LedgerRecords ledger,
        List<Reply> replies,
        Sampler.Samples samples) {

    /** Admissions by request id. */
    Map<UUID, LedgerRecords.Entry> admissions() {
        Map<UUID, LedgerRecords.Entry> admissions = new HashMap<>();
        ledger.entries().forEach(entry -> admissions.put(entry.requestId(), entry));
        return admissions;
    }
}
