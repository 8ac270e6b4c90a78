package ai.neuronetz.gateway.chaos;

/**
 * One request of a client.
 *
 * @param caller index of the tenant's key
 * @param openAi in that dialect; Ollama's own otherwise
 * @param leavesAfter frames of a stream, or tens of milliseconds of a whole answer; or {@link #STAYS}
 */
record Ask(
        int gateway,
        int caller,
        boolean openAi,
        boolean streamed,
        int promptBytes,
        int tokens,
        int leavesAfter,
        long pauseMillis) {

    static final int STAYS = -1;

    boolean leaves() {
        return leavesAfter != STAYS;
    }

    String path() {
        return openAi ? "/v1/chat/completions" : "/api/chat";
    }

    String body() {
        String cap = openAi ? "\"max_tokens\":" + tokens : "\"options\":{\"num_predict\":" + tokens + "}";
        return "{\"model\":\"llama3.2:3b\",\"stream\":" + streamed + "," + cap
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + "x".repeat(promptBytes) + "\"}]}";
    }
}
