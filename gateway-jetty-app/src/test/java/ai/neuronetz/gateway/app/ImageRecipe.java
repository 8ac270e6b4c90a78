package ai.neuronetz.gateway.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The last stage of a Dockerfile: what becomes the image. */
record ImageRecipe(List<Instruction> instructions) {

    private static final Pattern VARIABLE = Pattern.compile("([A-Z_]+)=(\"[^\"]*\"|\\S+)");

    record Instruction(String name, String rest) {}

    static ImageRecipe read(Path file) throws IOException {
        List<Instruction> stage = new ArrayList<>();
        for (String line : Files.readString(file)
                .replaceAll("(?m)^#.*\n", "")
                .replace("\\\n", " ")
                .split("\n")) {
            String[] words = line.strip().split("\\s+", 2);
            if (words[0].equals("FROM")) {
                stage.clear();
            }
            if (words.length == 2) {
                stage.add(new Instruction(words[0], words[1]));
            }
        }
        return new ImageRecipe(List.copyOf(stage));
    }

    List<String> all(String name) {
        return instructions.stream()
                .filter(instruction -> instruction.name().equals(name))
                .map(Instruction::rest)
                .toList();
    }

    String only(String name) {
        List<String> found = all(name);
        if (found.size() != 1) {
            throw new AssertionError(name + " is there " + found.size() + " times");
        }
        return found.get(0);
    }

    Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String line : all("ENV")) {
            Matcher variable = VARIABLE.matcher(line);
            while (variable.find()) {
                environment.put(variable.group(1), variable.group(2).replace("\"", ""));
            }
        }
        return environment;
    }

    /** The words of an instruction in its JSON form, which needs no shell; anything else fails. */
    List<String> words(String name) throws IOException {
        String rest = only(name);
        return List.of(new ObjectMapper().readValue(rest.substring(rest.indexOf('[')), String[].class));
    }
}
