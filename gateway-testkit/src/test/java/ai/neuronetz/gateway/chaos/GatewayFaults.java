package ai.neuronetz.gateway.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;

/** The trouble that a gateway's own process can be in. */
final class GatewayFaults {

    /** Within it, under load, every point that the load reaches at all is passed. */
    private static final Duration PASSED_WITHIN = Duration.ofSeconds(5);

    private final Victims<GatewayProcess> gateways;
    private final BiConsumer<CrashPoint, GatewayProcess> provocation;

    /** @param provocation has a gateway reach a point that it does not reach in ordinary work */
    GatewayFaults(List<GatewayProcess> gateways, BiConsumer<CrashPoint, GatewayProcess> provocation) {
        this.gateways = new Victims<>(gateways);
        this.provocation = provocation;
    }

    List<Fault> all() {
        List<Fault> all = new ArrayList<>(List.of(
                Fault.of("gateway-kill", this::kill),
                Fault.of("spool-blocked", this::blockSpool),
                // Shorter than the 10 s after which a gateway takes itself for unheard.
                Fault.of("gateway-freeze", random -> freeze(random, 1_000, 8_000)),
                // Longer than the 15 s after which others take it for dead.
                Fault.of("gateway-freeze-long", random -> freeze(random, 16_000, 22_000))));
        for (CrashPoint point : CrashPoint.values()) {
            all.add(Fault.of("crash:" + point, random -> crash(random, point)));
            all.add(Fault.of("stall:" + point, random -> stall(random, point)));
        }
        return List.copyOf(all);
    }

    private void kill(Random random) throws InterruptedException {
        gateways.trouble(random, gateway -> {
            gateway.kill();
            try {
                Fault.last(random, 0, 1_500);
            } finally {
                gateway.restart();
            }
        });
    }

    private void blockSpool(Random random) throws InterruptedException {
        gateways.trouble(random, gateway -> {
            gateway.blockSpool();
            try {
                Fault.last(random, 3_000, 10_000);
            } finally {
                gateway.unblockSpool();
            }
        });
    }

    private void freeze(Random random, int leastMillis, int mostMillis) throws InterruptedException {
        gateways.trouble(random, gateway -> {
            gateway.freeze();
            try {
                Fault.last(random, leastMillis, mostMillis);
            } finally {
                gateway.thaw();
            }
        });
    }

    private void crash(Random random, CrashPoint point) throws InterruptedException {
        gateways.trouble(random, gateway -> {
            try {
                if (gateway.crashAt(point, PASSED_WITHIN, () -> provocation.accept(point, gateway))) {
                    gateway.exitedWithin(PASSED_WITHIN);
                }
            } finally {
                if (!gateway.alive()) {
                    gateway.restart();
                }
            }
        });
    }

    private void stall(Random random, CrashPoint point) throws InterruptedException {
        gateways.trouble(random, gateway -> {
            try {
                if (gateway.stallAt(point, PASSED_WITHIN, () -> provocation.accept(point, gateway))) {
                    Fault.last(random, 2_000, 8_000);
                }
            } finally {
                gateway.thaw();
            }
        });
    }
}
