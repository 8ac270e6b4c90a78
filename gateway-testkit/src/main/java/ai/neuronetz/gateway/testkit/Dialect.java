package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/** One way of writing an answer. */
interface Dialect {
    /** The Content-Type of a streamed answer. */
    String streamType();

    /** The Content-Type of any other answer. */
    default String wholeType() {
        return "application/json";
    }

    /** A complete streamed answer. */
    List<Frame> frames(Answer answer);

    ObjectNode whole(Answer answer);

    /** What Ollama sends whole when it ends a generation silently. */
    default ObjectNode cut(Answer answer) {
        ObjectNode whole = whole(answer);
        whole.remove("done_reason");
        return whole.has("done") ? whole.put("done", false) : whole;
    }

    ObjectNode error(int status, String message);

    /** What the client sees of an error after the first frame; empty if the stream just ends. */
    Optional<String> brokenOff(String message);
}
