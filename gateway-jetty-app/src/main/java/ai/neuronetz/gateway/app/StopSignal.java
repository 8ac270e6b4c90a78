package ai.neuronetz.gateway.app;

/** Tells when to stop. */
@FunctionalInterface
interface StopSignal {

    /** Returns when the process has been asked to stop. */
    void await() throws InterruptedException;
}
