package ai.neuronetz.gateway.app;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a query of Prometheus asks for, as far as our rules and panels go in its language.
 *
 * @param metrics names of metrics
 * @param selectors what stands in braces behind them
 * @param grouped the labels of each {@code by}
 */
record PromQuery(Set<String> metrics, List<Selector> selectors, List<Set<String>> grouped) {

    private static final Pattern BRACES = Pattern.compile("(\\w+)\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)(=~|!=|!~|=)\"([^\"]*)\"");
    private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");
    private static final Pattern METRIC =
            Pattern.compile("\\b(up|(gateway|gen_ai|http|jvm|jetty|process|system)_[a-zA-Z0-9_]+)\\b");

    record Selector(String metric, String label, String operator, String value) {

        /** Whether it says something of this value, if only to leave it out. */
        Predicate<String> means() {
            return operator.endsWith("~") ? Pattern.compile(value).asMatchPredicate() : value::equals;
        }
    }

    static PromQuery of(String query) {
        List<Selector> selectors = new ArrayList<>();
        Matcher braces = BRACES.matcher(query);
        while (braces.find()) {
            Matcher matcher = MATCHER.matcher(braces.group(2));
            while (matcher.find()) {
                selectors.add(new Selector(braces.group(1), matcher.group(1), matcher.group(2), matcher.group(3)));
            }
        }
        List<Set<String>> grouped = BY.matcher(query)
                .results()
                .map(by -> Set.of(by.group(1).split(", *")))
                .toList();
        Set<String> metrics = new HashSet<>();
        Matcher names =
                METRIC.matcher(BY.matcher(query.replaceAll("\\{[^}]*}", "")).replaceAll(""));
        while (names.find()) {
            metrics.add(names.group());
        }
        return new PromQuery(metrics, selectors, grouped);
    }
}
