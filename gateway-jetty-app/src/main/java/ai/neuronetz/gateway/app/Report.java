package ai.neuronetz.gateway.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a command has to say: rows under named columns, as a table for people or as JSON for programs.
 *
 * <p>In JSON numbers, booleans, lists and null stay what they are; everything else is text, instants as in ISO 8601.
 */
final class Report {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final List<String> columns;
    private final List<List<@Nullable Object>> rows = new ArrayList<>();

    private Report(List<String> columns) {
        this.columns = columns;
    }

    /** @param columns names in JSON; a table shows them in capitals, with spaces */
    static Report of(String... columns) {
        return new Report(List.of(columns));
    }

    /** One value for each column. */
    Report row(@Nullable Object... values) {
        if (values.length != columns.size()) {
            throw new IllegalArgumentException("values: " + values.length + " (expected: " + columns.size() + ")");
        }
        rows.add(Collections.unmodifiableList(Arrays.asList(values.clone())));
        return this;
    }

    /** A table with one line per row, or {@code none} where there are no rows. */
    void printTable(PrintWriter out) {
        if (rows.isEmpty()) {
            out.println("none");
            return;
        }
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(Report::heading).toList());
        for (List<@Nullable Object> row : rows) {
            lines.add(row.stream().map(Report::cell).toList());
        }
        int[] widths = new int[columns.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(line.get(i))
                        .append(" ".repeat(widths[i] - line.get(i).length() + 2));
            }
            out.println(text.toString().stripTrailing());
        }
    }

    /** Each value on a line of its own behind its name; for reports of one row. */
    void printFields(PrintWriter out) {
        int width = columns.stream().mapToInt(String::length).max().orElse(0);
        for (List<@Nullable Object> row : rows) {
            for (int i = 0; i < columns.size(); i++) {
                String name = columns.get(i).replace('_', ' ');
                out.println(name + " ".repeat(width - name.length() + 2) + cell(row.get(i)));
            }
        }
    }

    /** A JSON array of objects. */
    void printJson(PrintWriter out) {
        out.println(json(rows.stream().map(this::object).toList()));
    }

    /** A JSON object; for reports of one row. */
    void printJsonObject(PrintWriter out) {
        out.println(json(object(rows.get(0))));
    }

    private Map<String, @Nullable Object> object(List<@Nullable Object> row) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.get(i);
            boolean kept =
                    value == null || value instanceof Number || value instanceof Boolean || value instanceof List;
            object.put(columns.get(i), kept ? value : value.toString());
        }
        return object;
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report that is no JSON", e);
        }
    }

    private static String heading(String column) {
        return column.replace('_', ' ').toUpperCase(java.util.Locale.ROOT);
    }

    private static String cell(@Nullable Object value) {
        if (value == null) {
            return "-";
        }
        if (value instanceof List<?> list) {
            return list.isEmpty() ? "-" : list.stream().map(Object::toString).collect(Collectors.joining(","));
        }
        // Names come from people and models; a control character in one must not drive the reader's terminal.
        return value.toString().replaceAll("\\p{Cntrl}", "?");
    }
}
