package ai.neuronetz.gateway.ollama;

/** Whose client speaks: decides the shape of errors and frames. Later releases may add some. */
public enum Dialect {
    OLLAMA,
    OPENAI,
    ANTHROPIC
}
