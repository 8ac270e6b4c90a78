package ai.neuronetz.gateway.ollama;

import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import java.util.List;

/**
 * What an endpoint's request is made of. A field that Ollama may add is unknown here, and is dropped until somebody has thought
 * about it.
 *
 * @param fields of the body
 * @param streaming whether its answer can be a stream
 * @param cap where the output is capped
 * @param single fields that may only be 1, and then need not be sent
 * @param content the field without which there is nothing to do
 * @param converted whether Ollama makes messages of its own of them, perhaps none
 * @param empty the answer to a request whose content is missing or empty
 */
record RequestTable(
        Fields fields,
        Streaming streaming,
        Cap cap,
        List<String> single,
        String content,
        boolean converted,
        Denial empty) {

    enum Streaming {
        /** There is no such field. */
        NEVER,
        /** A stream, unless the request says otherwise. */
        BY_DEFAULT,
        ON_REQUEST,
        /** And the stream tells its usage to those who ask with {@code stream_options}. */
        ON_REQUEST_WITH_USAGE
    }

    /** Where Ollama reads how long an output may become. */
    sealed interface Cap {}

    /** In {@code options.num_predict}, beside others. */
    record InOptions(Fields options) implements Cap {}

    /**
     * In the body.
     *
     * @param names under which a client may limit the output; the first is the one Ollama reads
     */
    record InBody(List<String> names) implements Cap {}

    /** Nothing is generated. */
    record NoOutput() implements Cap {}

    /** An endpoint at which a request without content makes Ollama load the model, or unload it for everybody. */
    static RequestTable ofOllama(Fields fields, Streaming streaming, Cap cap, String content) {
        return new RequestTable(
                fields, streaming, cap, List.of(), content, false, Denial.ofField(Reason.LOAD_REFUSED, content));
    }

    static RequestTable ofOthers(Fields fields, Streaming streaming, Cap cap, List<String> single, String content) {
        return new RequestTable(
                fields,
                streaming,
                cap,
                single,
                content,
                streaming != Streaming.NEVER,
                Denial.ofField(Reason.MISSING_FIELD, content));
    }

    /**
     * @throws IllegalArgumentException if the endpoint is no inference endpoint
     */
    static RequestTable of(Endpoint endpoint) {
        return switch (endpoint) {
            case CHAT -> OllamaRequests.CHAT;
            case GENERATE -> OllamaRequests.GENERATE;
            case EMBED -> OllamaRequests.EMBED;
            case EMBEDDINGS -> OllamaRequests.EMBEDDINGS;
            case CHAT_COMPLETIONS -> OpenAiRequests.CHAT_COMPLETIONS;
            case COMPLETIONS -> OpenAiRequests.COMPLETIONS;
            case OPENAI_EMBEDDINGS -> OpenAiRequests.EMBEDDINGS;
            case RESPONSES -> ResponsesRequests.RESPONSES;
            case MESSAGES -> AnthropicRequests.MESSAGES;
            case ROOT, VERSION, TAGS, SHOW, MODELS, MODEL ->
                throw new IllegalArgumentException("endpoint: " + endpoint + " (expected: an inference endpoint)");
        };
    }
}
