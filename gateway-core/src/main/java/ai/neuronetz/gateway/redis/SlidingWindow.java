package ai.neuronetz.gateway.redis;

/**
 * The span over which requests and tokens are counted: {@code slots} whole slots and the one that runs.
 *
 * @param slotMillis length of a slot
 * @param slots whole slots, at least 1
 */
record SlidingWindow(long slotMillis, int slots) {

    static final SlidingWindow MINUTE = new SlidingWindow(1000, 60);
}
