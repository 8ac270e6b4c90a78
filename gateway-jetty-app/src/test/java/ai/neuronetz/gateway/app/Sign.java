package ai.neuronetz.gateway.app;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a runbook says is to be seen of a metric: {@code `name{label="value"}` is 0}, {@code is above 10}, {@code grows}. */
record Sign(String metric, Map<String, String> labels, String says) {

    private static final Pattern TEXT =
            Pattern.compile("`([a-z_]+)(?:\\{([^`]*)})?` (grows|stays|is (?:above |below )?[0-9.]+)(?=$|[,;. ])");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    static List<Sign> in(String text) {
        List<Sign> signs = new ArrayList<>();
        Matcher sign = TEXT.matcher(text);
        while (sign.find()) {
            Map<String, String> labels = new HashMap<>();
            Matcher label = LABEL.matcher(sign.group(2) == null ? "" : sign.group(2));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
            signs.add(new Sign(sign.group(1), labels, sign.group(3)));
        }
        return signs;
    }

    /** @param before what was shown before it all began */
    boolean isSeen(Scrape before, Scrape now) {
        double value = sum(now);
        String[] words = says.split(" ");
        return switch (words[0]) {
            case "grows" -> value > (isShown(before) ? sum(before) : 0);
            case "stays" -> value == sum(before);
            default ->
                isShown(now)
                        && switch (words[1]) {
                            case "above" -> value > Double.parseDouble(words[2]);
                            case "below" -> value < Double.parseDouble(words[2]);
                            default -> value == Double.parseDouble(words[1]);
                        };
        };
    }

    private boolean isShown(Scrape scrape) {
        return scrape.samples().stream().anyMatch(this::names);
    }

    private double sum(Scrape scrape) {
        return scrape.samples().stream()
                .filter(this::names)
                .mapToDouble(Scrape.Sample::value)
                .sum();
    }

    private boolean names(Scrape.Sample sample) {
        return sample.name().equals(metric) && sample.labels().entrySet().containsAll(labels.entrySet());
    }
}
