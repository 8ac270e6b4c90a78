package ai.neuronetz.gateway.bench.ledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A command line of words and {@code name=value} pairs, several of which may share an argument. */
final class Parameters {

    private final List<String> words = new ArrayList<>();
    private final Map<String, String> values = new HashMap<>();

    static Parameters of(String[] arguments) {
        Parameters parameters = new Parameters();
        for (String argument : String.join(" ", arguments).strip().split("\\s+")) {
            if (argument.isEmpty()) {
                continue;
            }
            int equals = argument.indexOf('=');
            if (equals < 0) {
                parameters.words.add(argument);
            } else {
                parameters.values.put(argument.substring(0, equals), argument.substring(equals + 1));
            }
        }
        return parameters;
    }

    List<String> words() {
        return words;
    }

    String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    long number(String name, long otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : Long.parseLong(value.replace("_", ""));
    }

    int count(String name, int otherwise) {
        return Math.toIntExact(number(name, otherwise));
    }

    long number(String name) {
        return Long.parseLong(text(name));
    }
}
