package ai.neuronetz.gateway.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Commands on a page, in a fence of their own.
 *
 * @param heading what it stands under, without the marks
 * @param shown what the page shows next as the answer, empty if nothing
 */
public record CommandBlock(Path page, int line, String heading, String text, String shown) {

    private static final Set<String> SHELLS = Set.of("bash", "shell");
    private static final Set<String> OTHERS = Set.of("text", "java", "xml", "properties", "json", "yaml", "mermaid");
    private static final Pattern PART = Pattern.compile(
            "(?ms)^ *(?<fence>```|~~~)(?<language>[^\\n]*)\\n(?<text>.*?)^ *\\k<fence>$|^#+ (?<heading>[^\\n]+)$");

    /** All of them, page by page, as they stand there. */
    public static List<CommandBlock> all() {
        return Pages.all().stream().flatMap(page -> of(page).stream()).toList();
    }

    /** Those of one page. */
    public static List<CommandBlock> of(Path page) {
        return of(page, Pages.read(page));
    }

    static List<CommandBlock> of(Path page, String source) {
        List<CommandBlock> blocks = new ArrayList<>();
        String heading = "";
        Matcher part = PART.matcher(source);
        while (part.find()) {
            if (part.group("heading") != null) {
                heading = part.group("heading");
            } else if (SHELLS.contains(part.group("language"))
                    && part.group("fence").equals("```")) {
                int line = (int) source.substring(0, part.start()).lines().count() + 1;
                blocks.add(new CommandBlock(
                        page, line, heading, part.group("text"), shownAfter(source.substring(part.end()))));
            } else if (!OTHERS.contains(part.group("language"))) {
                // It could be commands that nothing would run.
                throw new IllegalStateException(page + " has a fence of an unknown kind: " + part.group());
            }
        }
        return blocks;
    }

    private static String shownAfter(String rest) {
        Matcher shown = PART.matcher(rest);
        boolean next = shown.find()
                && "text".equals(shown.group("language"))
                && rest.substring(0, shown.start()).isBlank();
        return next ? shown.group("text") : "";
    }

    /** One by one; a line that ends in a backslash goes on in the next. */
    public List<String> commands() {
        return Stream.of(text.split("(?<!\\\\)\\n"))
                .filter(one -> !one.isBlank())
                .toList();
    }

    @Override
    public String toString() {
        return page + ":" + line + ": " + commands().get(0);
    }
}
