package ai.neuronetz.gateway.testkit;

import java.util.Arrays;
import java.util.Optional;

/** The inference routes. */
enum Route {
    GENERATE("/api/generate", true, new NativeDialect(false)),
    CHAT("/api/chat", true, new NativeDialect(true)),
    EMBED("/api/embed", false, new EmbeddingDialect(EmbeddingDialect.Form.EMBED)),
    EMBEDDINGS("/api/embeddings", false, new EmbeddingDialect(EmbeddingDialect.Form.LEGACY)),
    OPENAI_CHAT("/v1/chat/completions", false, new OpenAiChatDialect()),
    OPENAI_COMPLETIONS("/v1/completions", false, new OpenAiCompletionsDialect()),
    OPENAI_EMBEDDINGS("/v1/embeddings", false, new EmbeddingDialect(EmbeddingDialect.Form.OPENAI)),
    RESPONSES("/v1/responses", false, new ResponsesDialect()),
    MESSAGES("/v1/messages", false, new AnthropicDialect());

    final String path;
    final boolean streamDefault;

    // All dialects are stateless.
    @SuppressWarnings("ImmutableEnumChecker")
    final Dialect dialect;

    Route(String path, boolean streamDefault, Dialect dialect) {
        this.path = path;
        this.streamDefault = streamDefault;
        this.dialect = dialect;
    }

    static Optional<Route> of(String path) {
        return Arrays.stream(values()).filter(route -> route.path.equals(path)).findFirst();
    }

    boolean embeds() {
        return this == EMBED || this == EMBEDDINGS || this == OPENAI_EMBEDDINGS;
    }

    boolean isNative() {
        return this == GENERATE || this == CHAT;
    }
}
