package ai.neuronetz.gateway.accounting;

/**
 * Hears of every settled request: for an embedder's own statistics or bills. After the fifth stage; decides nothing.
 *
 * <p>Called after the answer's stream has closed, once for each request that was admitted, in the order they were settled, by
 * one thread that does nothing else: a listener may block, and delays no request. While it is slow, records wait in a
 * bounded queue; those that find no place in it are not told and counted as {@code gateway.usage.records.dropped}. What it
 * throws is logged by class name, and the next record follows. The ledger, not a listener, is the authority: a process that is
 * killed tells nothing of its last requests.
 */
@FunctionalInterface
public interface UsageListener {

    void settled(UsageRecord usage);
}
