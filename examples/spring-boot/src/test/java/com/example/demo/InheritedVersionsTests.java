package com.example.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootVersion;

/**
 * The libraries that the gateway brings are here in Boot's versions, and {@code docs/design-decisions.md} says in which; that they work
 * in these is what the other tests of this module show.
 */
class InheritedVersionsTests {

    private static final Path PAGE = Path.of("../../docs/design-decisions.md");
    private static final Pattern INHERITED = Pattern.compile("\\| `([^`:]+:[^`]+)` \\| ([^ |]+) \\|.*");

    @Test
    void eachInheritedLibraryHasTheVersionOfTheTable() throws IOException {
        List<List<String>> table = table();
        int column = table.get(0).indexOf("Spring Boot " + SpringBootVersion.getVersion());
        assertThat(column).as("a column for this Spring Boot").isPositive();
        Map<String, String> expected = new TreeMap<>();
        Map<String, String> found = new TreeMap<>();

        inherited().forEach((library, ours) -> {
            expected.put(
                    library, row(table, library).map(row -> row.get(column)).orElse(ours));
            found.put(library, resolved(library));
        });

        assertThat(expected).isNotEmpty();
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void commonsLoggingIsThereTwiceAndBothLogWithTheApplication() throws IOException {
        List<URL> copies = Collections.list(
                getClass().getClassLoader().getResources("org/apache/commons/logging/LogFactory.class"));

        assertThat(copies)
                .hasSize(2)
                .anySatisfy(copy -> assertThat(copy.toString()).contains("jcl-over-slf4j"));
        assertThat(LogFactory.getLog("any").getClass().getName()).containsIgnoringCase("slf4j");
    }

    /** By the layout of a Maven repository, because Jackson 2 and 3 have jars of the same names. */
    private static String resolved(String library) {
        Pattern jar = Pattern.compile(".*/" + library.replace('.', '/').replace(':', '/') + "/([^/]+)/[^/]+\\.jar");
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> jar.matcher(entry.replace('\\', '/')))
                .filter(Matcher::matches)
                .map(match -> match.group(1))
                .collect(Collectors.collectingAndThen(
                        Collectors.joining(" and "), versions -> versions.isEmpty() ? "none" : versions));
    }

    private static Map<String, String> inherited() throws IOException {
        Map<String, String> inherited = new TreeMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = INHERITED.matcher(line);
            if (row.matches()) {
                inherited.put(row.group(1), row.group(2));
            }
        }
        return inherited;
    }

    /** Of two that fit the one with the longer name. */
    private static Optional<List<String>> row(List<List<String>> table, String library) {
        String artifact = library.substring(library.indexOf(':') + 1);
        return table.stream()
                .skip(2)
                .filter(row -> artifact.matches(row.get(0).replace("*", ".*")))
                .max(Comparator.comparing(row -> row.get(0).length()));
    }

    private static List<List<String>> table() {
        try (Stream<String> lines = Files.lines(PAGE)) {
            return lines.dropWhile(line -> !line.contains("| Spring Boot "))
                    .takeWhile(line -> line.startsWith("|"))
                    .map(line -> Arrays.stream(line.substring(1).split("\\|"))
                            .map(cell -> cell.strip().replace("`", ""))
                            .toList())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
