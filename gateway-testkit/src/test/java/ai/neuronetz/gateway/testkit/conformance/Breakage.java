package ai.neuronetz.gateway.testkit.conformance;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A mistake that somebody might make in a gateway, or in what stands before it. */
interface Breakage {

    /**
     * @param key of the caller whom the gateway would let in
     */
    record Asked(String method, String target, Map<String, String> headers, String key) {

        Asked target(String other) {
            return new Asked(method, other, headers, key);
        }

        Asked withKey() {
            Map<String, String> more = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            more.putAll(headers);
            more.put("Authorization", "Bearer " + key);
            return new Asked(method, target, more, key);
        }
    }

    record Answered(int status, Map<String, String> headers, String body) {

        Answered body(String other) {
            return new Answered(status, headers, other);
        }

        Answered header(String name, @Nullable String value) {
            Map<String, String> more = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            more.putAll(headers);
            more.remove(name);
            if (value != null) {
                more.put(name, value);
            }
            return new Answered(status, more, body);
        }
    }

    /** What the gateway is asked instead. */
    default Asked asked(Asked asked) {
        return asked;
    }

    /** What the client is answered instead. */
    default Answered answered(Asked asked, String body, Answered answered) {
        return answered;
    }
}
