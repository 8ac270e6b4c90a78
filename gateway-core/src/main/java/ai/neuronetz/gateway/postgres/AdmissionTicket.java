package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.metering.Ledger.Admission;
import ai.neuronetz.gateway.metering.Ledger.Entry;
import java.util.concurrent.CompletableFuture;

/** One caller's place in a queue for admission. Done once it is answered, or once the caller has given up. */
final class AdmissionTicket {

    final Admission admission;
    final CompletableFuture<Entry> answer = new CompletableFuture<>();

    AdmissionTicket(Admission admission) {
        this.admission = admission;
    }

    String tenantId() {
        return admission.principal().tenantId();
    }

    boolean done() {
        return answer.isDone();
    }
}
