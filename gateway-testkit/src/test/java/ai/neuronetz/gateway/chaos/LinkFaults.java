package ai.neuronetz.gateway.chaos;

import java.util.List;
import java.util.Random;

/** The trouble between one gateway and one store, while the store is well and other gateways reach it. */
final class LinkFaults {

    private final String store;
    private final Victims<FaultProxy> links;

    /** @param links to {@code store}, one per gateway */
    LinkFaults(String store, List<FaultProxy> links) {
        this.store = store;
        this.links = new Victims<>(links);
    }

    List<Fault> all() {
        return List.of(
                Fault.of(store + "-link-reset", random -> links.trouble(random, FaultProxy::reset)),
                Fault.of(store + "-link-freeze", random -> freeze(random, 200, 4_000)),
                Fault.of(store + "-link-refuse", random -> refuse(random, 200, 3_000)),
                Fault.of(store + "-answers-lost", this::loseAnswers));
    }

    /** Longer than the time after which a gateway that is not heard is taken for dead. */
    List<Fault> beyondDeadTime() {
        return List.of(
                Fault.of(store + "-link-freeze-long", random -> freeze(random, 16_000, 22_000)),
                Fault.of(store + "-link-refuse-long", random -> refuse(random, 16_000, 22_000)));
    }

    private void freeze(Random random, int leastMillis, int mostMillis) throws InterruptedException {
        links.trouble(random, link -> {
            link.freeze();
            try {
                Fault.last(random, leastMillis, mostMillis);
            } finally {
                link.pass();
            }
        });
    }

    private void refuse(Random random, int leastMillis, int mostMillis) throws InterruptedException {
        links.trouble(random, link -> {
            link.refuse();
            try {
                Fault.last(random, leastMillis, mostMillis);
            } finally {
                link.pass();
            }
        });
    }

    /** Several, because the first may be the answer to a mere heartbeat. */
    private void loseAnswers(Random random) throws InterruptedException {
        links.trouble(random, link -> {
            try {
                for (int answer = random.nextInt(1, 6); answer > 0; answer--) {
                    link.loseNextAnswer();
                    Fault.last(random, 50, 400);
                }
            } finally {
                link.pass();
            }
        });
    }
}
