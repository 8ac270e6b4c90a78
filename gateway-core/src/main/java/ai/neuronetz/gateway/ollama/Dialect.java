package ai.neuronetz.gateway.ollama;

/** Whose client speaks: decides the shape of errors and frames. */
public enum Dialect {
    OLLAMA,
    OPENAI,
    ANTHROPIC
}
