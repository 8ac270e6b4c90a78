package ai.neuronetz.gateway.hostile;

import ai.neuronetz.gateway.hostile.FramingHeaders.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Messages whose end can be read in more than one way, each followed by, or around, a second request with the same valid
 * key: if that one is served where it must not be, somebody's request was smuggled.
 */
final class FramingCorpus {

    /** What may become of a message. */
    enum Verdict {
        /** Not served, and nothing behind it is read. */
        REFUSED,
        /** Well-formed, and what follows is the second request: both are served. */
        BOTH,
        /** Well-formed, but its content is no JSON: only the second request is served, or none. */
        SECOND,
        /** Well-formed, and the last of its connection. */
        FIRST
    }

    /**
     * What is sent on one connection.
     *
     * @param lenient it may also be refused, since recipients are free to accept it or not
     * @param bytes one per character
     */
    record Message(int number, String name, Verdict verdict, boolean lenient, String bytes) {

        String firstMarker() {
            return "first-" + number + ".";
        }

        String secondMarker() {
            return "second-" + number + ".";
        }

        @Override
        public String toString() {
            String printable = Printable.of(name);
            return number + " " + verdict + (lenient ? " or refused: " : ": ") + printable;
        }
    }

    static final String CRLF = "\r\n";
    private static final String LINE = "POST /api/chat HTTP/1.1";
    private static final String HOST = "Host: localhost";

    private final String authorization;
    private final List<Message> messages = new ArrayList<>();

    private FramingCorpus(String key) {
        authorization = "Authorization: Bearer " + key;
    }

    /** @param key in every request, also those that are hidden */
    static List<Message> generate(String key) {
        FramingCorpus corpus = new FramingCorpus(key);
        corpus.lengthsAndCodings();
        corpus.chunks();
        corpus.trailers();
        corpus.heads();
        return List.copyOf(corpus.messages);
    }

    /** Every way to say a length beside every way to say a coding, around contents that suit the one or the other. */
    private void lengthsAndCodings() {
        for (String version : List.of("HTTP/1.1", "HTTP/1.0")) {
            for (Form length : FramingHeaders.LENGTHS) {
                for (Form coding : FramingHeaders.CODINGS) {
                    if (!length.absent() || !coding.absent()) {
                        lengthAndCoding(version, length, coding);
                    }
                }
            }
        }
    }

    private void lengthAndCoding(String version, Form length, Form coding) {
        boolean persistent = version.equals("HTTP/1.1");
        boolean byLength = length.sound() && coding.absent();
        boolean byCoding = (coding.sound() || coding.lenient()) && length.absent() && persistent;
        boolean lenient = coding.lenient();
        String name = version + " [" + length.lines() + "] [" + coding.lines() + "] ";
        IntFunction<String> head = size -> head(version, length.with(size) + coding.with(size));

        Verdict served = persistent ? Verdict.BOTH : Verdict.FIRST;
        add(name + "content", byLength ? served : Verdict.REFUSED, lenient, number -> {
            String content = json("first", number);
            return head.apply(content.length()) + content + second(number);
        });
        Verdict noJson = byLength && persistent ? Verdict.SECOND : Verdict.REFUSED;
        add(name + "chunked content", byCoding ? Verdict.BOTH : noJson, lenient, number -> {
            String content = chunked(json("first", number));
            return head.apply(content.length()) + content + second(number);
        });
        // Content to those who go by the length, a request to those who go by the chunks; and the other way round.
        add(name + "request behind the last chunk", byCoding ? Verdict.SECOND : Verdict.REFUSED, lenient, number -> {
            String content = "0" + CRLF + CRLF + second(number);
            return head.apply(content.length()) + content;
        });
        add(name + "request in a chunk", noJson, lenient, number -> {
            String content = second(number);
            String size = Integer.toHexString(content.length()) + CRLF;
            return head.apply(size.length()) + size + content + CRLF + "0" + CRLF + CRLF;
        });
    }

    /** {@code S} is the size, {@code D} the data, {@code R} a request. */
    private void chunks() {
        String rest = "\r\nD\r\n0\r\n\r\nR";
        for (String sound : List.of("S", "0S", "000000S", "S;a", "S;a=b", "S;a=\"b\"", "S;a=b;c=d")) {
            chunk(Verdict.BOTH, sound + rest);
        }
        for (String lenient : List.of("S ", "S\t", " S", "S ;a", "S;", "S;;", "S; a = b", "S;a=\"\\\"\"")) {
            chunk(Verdict.BOTH, lenient + rest);
        }
        for (String bad : List.of(
                "0xS",
                "+S",
                "-S",
                "xS",
                "Sx",
                "S,S",
                "S S",
                "\"S\"",
                "S\u0000",
                "\u000bS",
                "0x",
                "",
                ";a=b",
                "10000000000000000S",
                "ffffffff0000000S",
                "7fffffffffffffffS",
                "S\r",
                "\r\nS")) {
            chunk(Verdict.REFUSED, bad + rest);
        }
        for (String bad : List.of(
                // Ends of lines that some take for one and others do not.
                "S\nD\r\n0\r\n\r\nR",
                "S;a\nD\r\n0\r\n\r\nR",
                "S;\n\r\nD\r\n0\r\n\r\nR",
                "S\rD\r\n0\r\n\r\nR",
                "S\r\nD\n0\r\n\r\nR",
                "S\r\nD0\r\n\r\nR",
                "S\r\nDxx0\r\n\r\nR",
                "S\r\nD\r\n0\n\nR",
                "S\r\nD\r\n0\r\rR",
                // Extensions in which some see an end of line and others a quoted text.
                "S;a=\"\r\nD\r\n0\r\n\r\nR\"",
                "S;a=\"\r\n\"\r\nD\r\n0\r\n\r\nR",
                "1;a=\"x\r\nX\r\n0\r\n\r\nR",
                "1;a=\"\\\r\nX\r\n0\r\n\r\nR\"\r\n",
                "1;a=b\rX\r\n0\r\n\r\nR",
                "1;\nxx\r\nS\r\n0\r\n\r\nR",
                "2;\nxxR0\r\n\r\n",
                // Less or more than was said.
                "1\r\nD\r\n0\r\n\r\nR",
                "ffff\r\nD\r\n0\r\n\r\nR",
                "S\r\nD\r\n-0\r\n\r\nR",
                "S\r\nD\r\n0x0\r\n\r\nR",
                "S\r\nD\r\n")) {
            chunk(Verdict.REFUSED, bad);
        }
    }

    private void chunk(Verdict verdict, String form) {
        // Also the plain ones may be refused: nobody needs extensions or leading zeros.
        add("chunks " + form, verdict, verdict == Verdict.BOTH, number -> {
            String data = json("first", number);
            StringBuilder content = new StringBuilder();
            form.chars()
                    .forEach(character -> content.append(
                            switch (character) {
                                case 'S' -> Integer.toHexString(data.length());
                                case 'D' -> data;
                                case 'R' -> second(number);
                                default -> String.valueOf((char) character);
                            }));
            return head("HTTP/1.1", "Transfer-Encoding: chunked" + CRLF) + content;
        });
    }

    private void trailers() {
        for (String trailer : List.of(
                "X: 1",
                "Content-Length: 1000",
                "Transfer-Encoding: chunked",
                "Host: other",
                "Authorization: Bearer x",
                "Connection: close",
                "X 1",
                "X : 1",
                " X: 1",
                "X: 1\r\n y",
                "X: \u0000",
                "X: 1\nY: 2",
                ": 1")) {
            add("trailer " + trailer, Verdict.BOTH, true, number -> {
                String content = chunked(json("first", number));
                return head("HTTP/1.1", "Transfer-Encoding: chunked" + CRLF)
                        + content.substring(0, content.length() - CRLF.length())
                        + trailer
                        + CRLF
                        + CRLF
                        + second(number);
            });
        }
    }

    /** Heads that are bad in another way. {@code L} is the request line, {@code H} the host, {@code A} the key. */
    private void heads() {
        for (String bad : List.of(
                "L\r\nH\r\nH\r\nA\r\n",
                "L\r\nH\r\nHost: other\r\nA\r\n",
                "L\r\nHost:\r\nA\r\n",
                "L\r\nA\r\n",
                "L\r\nHost: a b\r\nA\r\n",
                "L\r\nHost: user@localhost\r\nA\r\n",
                "L\r\nHost: local/host\r\nA\r\n",
                "L\r\nHost : localhost\r\nA\r\n",
                "L\r\n H\r\nA\r\n",
                "L\r\nH\r\nA\r\nA\r\n",
                "L\r\nH\r\nA\r\nauthorization: Bearer x\r\n",
                "L\r\nH\r\nX y\r\nA\r\n",
                "L\r\nH\r\n: y\r\nA\r\n",
                "L\r\nH\r\nX\u0000: y\r\nA\r\n",
                "L\r\nH\r\nX: \u0000\r\nA\r\n",
                "L\r\nH\r\nX y: z\r\nA\r\n",
                "L\r\nH\r\nX: y\rZ: a\r\nA\r\n",
                "LX\r\nH\r\nA\r\n",
                "L \r\nH\r\nA\r\n",
                "POST /api/chat\r\nH\r\nA\r\n",
                "POST /api/chat HTTP/1.2\r\nH\r\nA\r\n",
                "POST /api/chat HTTP/2.0\r\nH\r\nA\r\n",
                "POST /api/chat HTTP/0.9\r\nH\r\nA\r\n",
                "POST /api/chat HTTP/1.0\r\nA\r\n",
                "POST /api/chat HTTP/1.0\r\nHost:\r\nA\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "POST /api/chat?\r\nX: HTTP/1.1\r\nH\r\nA\r\n",
                "L\r\nH\r\nA\r\nExpect: something-else\r\n",
                "L\r\nH\r\nA\r\nContent-Encoding: gzip\r\n")) {
            headed(Verdict.REFUSED, false, bad);
        }
        for (String lenient : List.of(
                "\r\nL\r\nH\r\nA\r\n",
                "POST /api/chat http/1.1\r\nH\r\nA\r\n",
                "POST\t/api/chat\tHTTP/1.1\r\nH\r\nA\r\n",
                "L\nH\nA\n",
                "L\r\nH\r\nX:\r\nA\r\n",
                "L\r\nH\r\nX: y\r\n z\r\nA\r\n",
                "L\r\nH\r\nX: y\r\n Transfer-Encoding: chunked\r\nA\r\n",
                "L\r\nH\r\nX: \u00ff\r\nA\r\n")) {
            headed(Verdict.BOTH, true, lenient);
        }
        for (String sound : List.of(
                "L\r\nH\r\nA\r\n",
                "L\r\nH\r\nA\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
                "L\r\nH\r\nA\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
                "L\r\nH\r\nA\r\nTE: trailers\r\n",
                "L\r\nH\r\nA\r\nExpect: 100-continue\r\n",
                "L\r\nH\r\nA\r\nContent_Length: 0\r\nTransfer_Encoding: chunked\r\n")) {
            headed(Verdict.BOTH, false, sound);
        }
    }

    private void headed(Verdict verdict, boolean lenient, String form) {
        add("head " + form, verdict, lenient, number -> {
            String content = json("first", number);
            return expand(form) + "Content-Length: " + content.length() + CRLF + CRLF + content + second(number);
        });
    }

    private String expand(String form) {
        return form.replaceAll("(^|\n| )L(?=[\r\nX ])", "$1" + LINE)
                .replaceAll("(^|\n| )H(?=[\r\n])", "$1" + HOST)
                .replaceAll("(^|\n)A(?=[\r\n])", "$1" + authorization);
    }

    private void add(String name, Verdict verdict, boolean lenient, IntFunction<String> bytes) {
        int number = messages.size();
        messages.add(new Message(number, name, verdict, lenient, bytes.apply(number)));
    }

    private String head(String version, String framing) {
        return "POST /api/chat " + version + CRLF + HOST + CRLF + framing + authorization + CRLF + CRLF;
    }

    private String second(int number) {
        String content = json("second", number);
        return head("HTTP/1.1", "Content-Length: " + content.length() + CRLF) + content;
    }

    private static String json(String which, int number) {
        return "{\"model\":\"llama3.2:3b\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"" + which
                + "-" + number + ".\"}]}";
    }

    private static String chunked(String content) {
        return Integer.toHexString(content.length()) + CRLF + content + CRLF + "0" + CRLF + CRLF;
    }
}
