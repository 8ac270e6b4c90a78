package ai.neuronetz.gateway.upstream;

/** A request at the model server that can be cut. Thread-safe; does not block. */
public interface UpstreamCall {

    /** Closes the connection, so that Ollama stops. Idempotent; the receiver hears nothing more. */
    void cancel();
}
