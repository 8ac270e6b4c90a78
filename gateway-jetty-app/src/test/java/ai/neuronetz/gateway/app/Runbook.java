package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.docs.Pages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One runbook of the page of operations.
 *
 * @param title its heading
 * @param rows the cells of its table by the words before them; empty if it has none
 * @param steps its commands, in order
 */
record Runbook(String title, Map<String, String> rows, List<Step> steps) {

    private static final Path PAGE = Path.of("docs/OPERATIONS.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ([^|`]+?) \\| (.+) \\|$");
    private static final Pattern STEP = Pattern.compile("(?ms)^```bash\\n(.*?)^```(?:\\s+```text\\n(.*?)^```)?");

    /**
     * @param commands for bash
     * @param printed what the page shows of their answer; a line each, in order, others may be between; {@code …} is anything
     */
    record Step(String commands, List<String> printed) {

        /** Whether the page shows that it finds something wrong, which commands tell by their exit code too. */
        boolean findsFault() {
            return printed.stream().anyMatch(line -> line.startsWith("FAIL") || line.startsWith("ALTERED"));
        }
    }

    /** The runbooks under a heading of the second level. */
    static List<Runbook> under(String heading) {
        String page = Pages.read(PAGE);
        String part = page.substring(page.indexOf("\n## " + heading + "\n") + 1);
        int end = part.indexOf("\n## ");
        List<Runbook> books = new ArrayList<>();
        String[] sections = (end < 0 ? part : part.substring(0, end)).split("\n### ");
        for (int i = 1; i < sections.length; i++) {
            books.add(parse(sections[i]));
        }
        return books;
    }

    private static Runbook parse(String section) {
        Map<String, String> rows = new LinkedHashMap<>();
        Matcher row = ROW.matcher(section);
        while (row.find()) {
            rows.put(row.group(1), row.group(2));
        }
        return new Runbook(section.lines().findFirst().orElseThrow(), rows, stepsIn(section));
    }

    /** All commands of a page. */
    static List<Step> steps(String page) {
        return stepsIn(Pages.read(Path.of(page)));
    }

    private static List<Step> stepsIn(String text) {
        List<Step> steps = new ArrayList<>();
        Matcher step = STEP.matcher(text);
        while (step.find()) {
            steps.add(new Step(
                    step.group(1),
                    step.group(2) == null ? List.of() : step.group(2).lines().toList()));
        }
        return steps;
    }
}
