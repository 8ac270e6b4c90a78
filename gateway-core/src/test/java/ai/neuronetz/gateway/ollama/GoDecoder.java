package ai.neuronetz.gateway.ollama;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads JSON as Go's {@code encoding/json} reads it into Ollama's structs: the last of several keys counts, keys match in any
 * case, null leaves what was there, maps are merged, and what comes after the first value is not looked at. Written without a
 * look at the gateway's own reader, which it is to judge.
 */
final class GoDecoder {

    /** What Go would report as an error. */
    static final class GoException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        GoException(String message) {
            super(message);
        }
    }

    record Member(String key, Object value) {}

    /** An object with all its keys, in order. */
    record Members(List<Member> members) {}

    record Num(String text) {}

    /** Null in JSON. */
    enum Nil {
        NIL
    }

    private final String text;
    private int at;

    private GoDecoder(String text) {
        this.text = text;
    }

    static Members decode(byte[] body) {
        GoDecoder decoder = new GoDecoder(new String(body, UTF_8));
        if (!(decoder.value(0) instanceof Members members)) {
            throw new GoException("no object");
        }
        return members;
    }

    /** A string field of a struct; empty if it was never set. */
    static String string(Members struct, String field) {
        String found = "";
        for (Member member : struct.members) {
            if (folded(member.key, field) && member.value != Nil.NIL) {
                if (!(member.value instanceof String string)) {
                    throw new GoException(field);
                }
                found = string;
            }
        }
        return found;
    }

    /** A pointer to a number or a boolean in a struct, as it is written; empty if it is nil. */
    static Optional<String> pointer(Members struct, String field) {
        Optional<String> found = Optional.empty();
        for (Member member : struct.members) {
            if (folded(member.key, field)) {
                if (member.value instanceof Num number) {
                    found = Optional.of(number.text);
                } else {
                    found = member.value == Nil.NIL ? Optional.empty() : Optional.of(String.valueOf(member.value));
                }
            }
        }
        return found;
    }

    /** A map in a struct; its own keys match exactly. */
    static Map<String, Object> map(Members struct, String field) {
        Map<String, Object> merged = new HashMap<>();
        for (Member member : struct.members) {
            if (folded(member.key, field)) {
                if (member.value == Nil.NIL) {
                    merged = new HashMap<>();
                } else if (member.value instanceof Members map) {
                    for (Member entry : map.members) {
                        merged.put(entry.key, entry.value);
                    }
                } else {
                    throw new GoException(field);
                }
            }
        }
        return merged;
    }

    static boolean has(Members struct, String field) {
        return struct.members.stream().anyMatch(member -> folded(member.key, field));
    }

    /** Simple folding: letter by letter, so that no letter becomes two. */
    private static boolean folded(String key, String field) {
        int[] these = key.codePoints().toArray();
        int[] those = field.codePoints().toArray();
        if (these.length != those.length) {
            return false;
        }
        for (int i = 0; i < these.length; i++) {
            boolean kelvin = these[i] == 0x212A && (those[i] == 'k' || those[i] == 'K');
            boolean longS = these[i] == 0x17F && (those[i] == 's' || those[i] == 'S');
            boolean ascii = these[i] < 0x80 && Character.toLowerCase(these[i]) == Character.toLowerCase(those[i]);
            if (!kelvin && !longS && !ascii) {
                return false;
            }
        }
        return true;
    }

    private Object value(int depth) {
        if (depth > 10_000) {
            throw new GoException("depth");
        }
        blanks();
        char c = peek();
        return switch (c) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> literal("true", Boolean.TRUE);
            case 'f' -> literal("false", Boolean.FALSE);
            case 'n' -> literal("null", Nil.NIL);
            default -> number();
        };
    }

    private Members object(int depth) {
        List<Member> members = new ArrayList<>();
        at++;
        blanks();
        if (peek() == '}') {
            at++;
            return new Members(members);
        }
        while (true) {
            blanks();
            if (peek() != '"') {
                throw new GoException("key");
            }
            String key = string();
            blanks();
            expect(':');
            members.add(new Member(key, value(depth + 1)));
            blanks();
            if (peek() == '}') {
                at++;
                return new Members(members);
            }
            expect(',');
        }
    }

    private List<Object> array(int depth) {
        List<Object> values = new ArrayList<>();
        at++;
        blanks();
        if (peek() == ']') {
            at++;
            return values;
        }
        while (true) {
            values.add(value(depth + 1));
            blanks();
            if (peek() == ']') {
                at++;
                return values;
            }
            expect(',');
        }
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        at++;
        while (true) {
            char c = peek();
            at++;
            if (c == '"') {
                return string.toString();
            }
            if (c < 0x20) {
                throw new GoException("control character");
            }
            string.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                if (at + 4 > text.length()
                        || !text.substring(at, at + 4).chars().allMatch(h -> Character.digit(h, 16) >= 0 && h < 0x80)) {
                    throw new GoException("escape");
                }
                char unit = (char) Integer.parseInt(text.substring(at, at + 4), 16);
                at += 4;
                yield unit;
            }
            default -> throw new GoException("escape");
        };
    }

    private Object literal(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw new GoException("literal");
        }
        at += word.length();
        return value;
    }

    private Num number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(from, at);
        if (!number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            throw new GoException("number");
        }
        return new Num(number);
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw new GoException("end");
        }
        return text.charAt(at);
    }

    private void expect(char c) {
        if (peek() != c) {
            throw new GoException("expected " + c);
        }
        at++;
    }
}
