package ai.neuronetz.gateway.chaos;

import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;

/** Things of a kind that faults trouble, each of them one fault at a time. Thread-safe. */
final class Victims<T> {

    private final List<Victim<T>> all;

    Victims(List<T> things) {
        this.all = things.stream()
                .map(thing -> new Victim<>(thing, new ReentrantLock()))
                .toList();
    }

    /** Picks one, waits until no other fault troubles it, and troubles it. */
    void trouble(Random random, Trouble<T> trouble) throws InterruptedException {
        Victim<T> victim = all.get(random.nextInt(all.size()));
        victim.turn().lockInterruptibly();
        try {
            trouble.on(victim.thing());
        } finally {
            victim.turn().unlock();
        }
    }

    interface Trouble<T> {
        void on(T thing) throws InterruptedException;
    }

    private record Victim<T>(T thing, ReentrantLock turn) {}
}
