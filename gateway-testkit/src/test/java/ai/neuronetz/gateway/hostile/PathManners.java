package ai.neuronetz.gateway.hostile;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The ways to write a path that some server, proxy or framework has taken for the path itself. A target is a string of
 * bytes, one per character.
 */
final class PathManners {

    private static final Map<String, BiFunction<String, Random, Stream<String>>> MANNERS = manners();

    private PathManners() {}

    /** By name of the manner, all that it makes of a path. */
    static Map<String, List<String>> of(String path, Random random) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        MANNERS.forEach((name, manner) ->
                all.put(name, manner.apply(path, random).distinct().toList()));
        return all;
    }

    private static Map<String, BiFunction<String, Random, Stream<String>>> manners() {
        Map<String, BiFunction<String, Random, Stream<String>>> manners = new LinkedHashMap<>();
        manners.put("exact", (path, random) -> Stream.of(path));
        manners.put("query", (path, random) -> after(path, "?", "?x=1", "?/../api/delete", "?key=nng_x", "??"));
        manners.put("fragment", (path, random) -> after(path, "#", "#x", "#/../delete", "?#"));
        manners.put(
                "absolute form",
                (path, random) -> before(
                        path,
                        "http://localhost",
                        "HTTP://LOCALHOST",
                        "https://localhost",
                        "http://other.example",
                        "http://localhost:1",
                        "http://user@localhost",
                        "http:",
                        "http:/",
                        "http://",
                        "//localhost",
                        "ftp://localhost",
                        "localhost"));
        manners.put("percent-encoded character", PathManners::percentEncoded);
        manners.put("percent-encoded throughout", (path, random) -> Stream.of(escaped(path, "%%%02x")));
        manners.put(
                "escaped otherwise",
                (path, random) -> Stream.of("%%25%02x", "%%u%04x", "%%25%%32%02x", "&#x%x;", "\\x%02x")
                        .map(form -> at(path, middle(path), escaped(path.substring(middle(path)), form))));
        manners.put(
                "slash of another kind",
                (path, random) -> Stream.of(
                                "%2f",
                                "%2F",
                                "%252f",
                                "%5c",
                                "\\",
                                "%c0%af",
                                "%e0%80%af",
                                "%u2215",
                                utf8("\uff0f"),
                                "%ef%bc%8f")
                        .flatMap(slash -> Stream.of(
                                at(path, path.lastIndexOf('/'), slash + path.substring(path.lastIndexOf('/') + 1)),
                                slash + path.substring(1))));
        manners.put(
                "something behind",
                (path, random) -> after(
                        path,
                        "%00",
                        "%20",
                        "%09",
                        "%0a",
                        "%0d%0aX:1",
                        "%7f",
                        "%23",
                        "%3f",
                        "%3b",
                        "%2e",
                        "%",
                        "%2",
                        "%zz",
                        "%c0%ae",
                        "%ff",
                        "%e2%80%8b",
                        utf8("\u00a0"),
                        utf8("\u200b"),
                        utf8("\u0301"),
                        ".",
                        "..",
                        "/",
                        "//",
                        "/.",
                        "/./",
                        "\\",
                        " ",
                        "\t",
                        "~",
                        ".json",
                        ":",
                        ",",
                        "*",
                        "+",
                        "&x",
                        "=",
                        "!",
                        "/index.html",
                        "\u0000",
                        "\u007f",
                        "\u000b"));
        manners.put(
                "parameters",
                (path, random) -> Stream.concat(
                        after(path, ";", ";x", ";jsessionid=1", ";/../delete", ";a=b;c"),
                        Stream.of(
                                "/;" + path,
                                "/;x=1" + path,
                                at(path, middle(path), ";x" + path.substring(middle(path))),
                                at(path, middle(path), ";/.." + path))));
        manners.put(
                "dot segments",
                (path, random) -> Stream.concat(
                        before(path, "/.", "/..", "/x/..", "/%2e", "/%2E%2e", "/x/%2e%2e", "/..;", "/x/..;", "/x/.%2e"),
                        Stream.of(
                                path + "/../" + last(path),
                                path + "/..",
                                path + "/x/..",
                                path + "/%2e%2e/" + last(path),
                                at(path, middle(path), "/." + path.substring(middle(path))),
                                "/api/chat/../.." + path,
                                "/api/tags/..;/..;" + path,
                                "/v1/models/%2e%2e/%2e%2e" + path,
                                "/api/%252e%252e" + path,
                                "/v1/models/%c0%ae%c0%ae/.." + path)));
        manners.put(
                "slashes",
                (path, random) -> Stream.of(
                        "/" + path, "//" + path, path.substring(1), path.replace("/", "//"), path.replace("/", "\\")));
        manners.put(
                "letters",
                (path, random) -> Stream.of(
                        path.toUpperCase(Locale.ROOT),
                        at(path, middle(path), path.substring(middle(path)).toUpperCase(Locale.ROOT)),
                        utf8(path.replace('s', '\u017f')),
                        utf8(path.replace('k', '\u212a')),
                        utf8(path.replace('a', '\u0430')),
                        utf8(path.replace('i', '\u0131')),
                        utf8(path.replace('p', '\uff50'))));
        manners.put(
                "prefixes",
                (path, random) -> before(
                        path,
                        "/api",
                        "/v1",
                        "/gateway",
                        "/ollama",
                        path,
                        "/healthz",
                        "/api/tags",
                        "/v1/models",
                        " ",
                        "\t"));
        manners.put(
                "one character",
                (path, random) ->
                        Stream.of(path.substring(0, path.length() - 1), path + "x", path.substring(2 % path.length())));
        manners.put("long", (path, random) -> Stream.of(path + "/" + "a".repeat(3000)));
        return manners;
    }

    private static Stream<String> percentEncoded(String path, Random random) {
        IntStream positions = IntStream.concat(
                IntStream.of(1 % path.length(), path.length() - 1),
                IntStream.generate(() -> random.nextInt(path.length())).limit(2));
        return positions
                .boxed()
                .flatMap(position -> Stream.of("%%%02x", "%%%02X").map(form -> {
                    String character = path.substring(position, position + 1);
                    return at(path, position, escaped(character, form) + path.substring(position + 1));
                }));
    }

    private static Stream<String> after(String path, String... endings) {
        return Stream.of(endings).map(ending -> path + ending);
    }

    private static Stream<String> before(String path, String... beginnings) {
        return Stream.of(beginnings).map(beginning -> beginning + path);
    }

    private static String at(String path, int position, String rest) {
        return path.substring(0, position) + rest;
    }

    /** Behind the first segment. */
    private static int middle(String path) {
        return Math.max(0, path.indexOf('/', 1));
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String escaped(String text, String form) {
        StringBuilder escaped = new StringBuilder();
        text.chars().forEach(character -> escaped.append(String.format(Locale.ROOT, form, character)));
        return escaped.toString();
    }

    private static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
