package ai.neuronetz.gateway.chaos;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Redis keeps of a tenant.
 *
 * @param current built by the process and history that is there now; otherwise nobody believes it
 * @param open by its counter
 * @param entries by the hash of open requests
 * @param reserved tokens
 */
record Gate(boolean current, long open, long entries, long reserved) {

    private static final Pattern RUN = Pattern.compile("run_id:(\\w+)");
    private static final Pattern HISTORY = Pattern.compile("master_replid:(\\w+)");

    /** Nothing is open, or nobody would believe it. */
    boolean quiet() {
        return !current || (open == 0 && entries == 0 && reserved == 0);
    }

    /** By label of the tenant. */
    static Map<String, Gate> all(Stage stage, List<Scenario.Tenant> tenants) {
        String here = find(RUN, stage.redisCommand("INFO", "server")) + ":"
                + find(HISTORY, stage.redisCommand("INFO", "replication"));
        Map<String, Gate> gates = new LinkedHashMap<>();
        for (Scenario.Tenant tenant : tenants) {
            String state = "gw:{" + tenant.id() + "}:s";
            gates.put(
                    tenant.label(),
                    new Gate(
                            here.equals(stage.redisCommand("HGET", state, "identity")
                                    .strip()),
                            number(stage.redisCommand("HGET", state, "n")),
                            number(stage.redisCommand("HLEN", "gw:{" + tenant.id() + "}:r")),
                            number(stage.redisCommand("HGET", state, "o:T"))));
        }
        return gates;
    }

    private static String find(Pattern pattern, String info) {
        Matcher found = pattern.matcher(info);
        if (!found.find()) {
            throw new IllegalStateException("Redis does not tell " + pattern);
        }
        return found.group(1);
    }

    private static long number(String answer) {
        String digits = answer.strip();
        return digits.matches("-?\\d+") ? Long.parseLong(digits) : 0;
    }
}
