package ai.neuronetz.gateway.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A superuser who changes one thing about the past, at random, with all triggers off. */
final class Tamperer {

    /** By the name of the source; seals are a table like the others to them. */
    private static final Map<String, String> TABLES = Map.of(
            "admission", "admission",
            "settlement", "settlement",
            "denial", "audit_denial",
            "refusal", "audit_refusal",
            "change", "audit_change",
            "seal", "audit_seal");

    private static final Map<String, String> KEYS = Map.of(
            "admission", "request_id",
            "settlement", "request_id",
            "denial", "request_id",
            "refusal", "number",
            "change", "change_id",
            "seal", "number");

    private static final Map<String, String> TIMES =
            Map.of("admission", "admitted_at", "settlement", "settled_at", "denial", "at", "change", "at");

    private static final List<String> SOURCES =
            List.of("admission", "settlement", "denial", "refusal", "change", "seal");

    private final Connection connection;
    private final Random random;
    private final Map<String, Map<String, String>> columns = new LinkedHashMap<>();

    /**
     * What was done.
     *
     * @param source of the row, or {@code seal}
     * @param seal the one that covers it, or null if none does
     */
    record Tampering(String what, String source, @Nullable Long seal) {}

    Tamperer(Connection connection, Random random) throws SQLException {
        this.connection = connection;
        this.random = random;
        for (String source : SOURCES) {
            Map<String, String> types = new LinkedHashMap<>();
            try (Statement statement = connection.createStatement();
                    ResultSet rows =
                            statement.executeQuery("SELECT column_name, data_type FROM information_schema.columns"
                                    + " WHERE table_schema = 'gateway' AND table_name = '" + TABLES.get(source)
                                    + "' ORDER BY ordinal_position")) {
                while (rows.next()) {
                    types.put(rows.getString(1), rows.getString(2));
                }
            }
            columns.put(source, types);
        }
    }

    /** Null if the change that was drawn would have changed nothing, or the tables do not allow it. */
    @Nullable
    Tampering tamper() throws SQLException {
        String source = SOURCES.get(random.nextInt(SOURCES.size()));
        return switch (random.nextInt(4)) {
            case 0 -> edit(source);
            case 1 -> delete(source);
            case 2 -> insert(source);
            default -> reorder(source);
        };
    }

    private @Nullable Tampering edit(String source) throws SQLException {
        String key = anyKey(source);
        List<String> names = List.copyOf(columns.get(source).keySet());
        String column = names.get(random.nextInt(names.size()));
        String type = columns.get(source).get(column);
        String value = switch (type) {
            case "text" ->
                random.nextBoolean() ? "coalesce(" + column + ", '') || ' '" : "nullif(" + column + ", NULL)";
            case "bigint", "integer" -> "coalesce(" + column + ", 0) + " + (1 + random.nextInt(1_000));
            case "uuid" -> other(column);
            case "timestamp with time zone" -> column + " - interval '1 microsecond'";
            case "jsonb" -> "'{}'";
            case "json" -> "replace(" + column + "::text, 'a', 'b')::json";
            case "xid8" -> "(" + column + "::text::bigint + " + (1 + random.nextInt(3)) + ")::text::xid8";
            case "bytea" -> "set_byte(" + column + ", 7, 255 - get_byte(" + column + ", 7))";
            default -> throw new AssertionError(type);
        };
        Tampering done = new Tampering("edit " + source + "." + column + " of " + key, source, sealOf(source, key));
        return update("UPDATE " + table(source) + " SET " + column + " = " + value + " WHERE " + is(source, key)
                        + " AND " + comparable(column, type) + " IS DISTINCT FROM "
                        + comparable("(" + value + ")", type))
                ? done
                : null;
    }

    private static String comparable(String value, String type) {
        return type.equals("json") ? value + "::text" : value;
    }

    private @Nullable Tampering delete(String source) throws SQLException {
        String key = anyKey(source);
        Tampering done = new Tampering("delete " + source + " " + key, source, sealOf(source, key));
        if (source.equals("seal") && random.nextBoolean()) {
            for (String other : SOURCES.subList(0, 5)) {
                update("DELETE FROM " + table(other)
                        + " WHERE tx >= (SELECT from_tx FROM gateway.audit_seal WHERE number = " + key
                        + ") AND tx < (SELECT to_tx FROM gateway.audit_seal WHERE number = " + key + ")");
            }
        }
        return update("DELETE FROM " + table(source) + " WHERE " + is(source, key)) ? done : null;
    }

    private @Nullable Tampering insert(String source) throws SQLException {
        String key = anyKey(source);
        boolean old = TIMES.containsKey(source) && random.nextInt(3) == 0;
        boolean future = !old && !source.equals("seal") && random.nextInt(5) == 0;
        String time = TIMES.getOrDefault(source, "");
        List<String> values = new ArrayList<>();
        for (String column : columns.get(source).keySet()) {
            if (column.equals(KEYS.get(source))) {
                values.add(column.equals("request_id") ? other(column) : column + " + 1000");
            } else if (column.equals("tx") && old) {
                values.add("pg_current_xact_id()");
            } else if (column.equals("tx") && future) {
                values.add("'999999999'");
            } else if (column.equals(time) && old) {
                values.add(column + " - interval '2 days'");
            } else {
                values.add(column);
            }
        }
        Tampering done = new Tampering(
                "insert a copy of " + source + " " + key + (old ? ", of two days ago" : "")
                        + (future ? ", of tomorrow" : ""),
                source,
                old || future ? null : sealOf(source, key));
        return update("INSERT INTO " + table(source) + " ("
                        + String.join(", ", columns.get(source).keySet())
                        + ") OVERRIDING SYSTEM VALUE SELECT " + String.join(", ", values) + " FROM " + table(source)
                        + " WHERE "
                        + is(source, key))
                ? done
                : null;
    }

    /** Exchanges what two rows say, or their places. */
    private @Nullable Tampering reorder(String source) throws SQLException {
        String one = anyKey(source);
        String two = anyKey(source);
        String key = KEYS.get(source);
        Map<String, String> types = columns.get(source);
        Tampering done = new Tampering("swap " + source + " " + one + " and " + two, source, sealOf(source, one));
        if (one.equals(two)) {
            return null;
        }
        if (random.nextInt(3) == 0) {
            String nowhere = key.equals("request_id") ? "'00000000-0000-7000-8000-000000000000'" : "999999";
            return update("UPDATE " + table(source) + " SET " + key + " = " + nowhere + " WHERE " + is(source, one))
                            && update("UPDATE " + table(source) + " SET " + key + " = '" + one + "' WHERE "
                                    + is(source, two))
                            && update("UPDATE " + table(source) + " SET " + key + " = '" + two + "' WHERE " + key
                                    + " = " + nowhere)
                    ? done
                    : null;
        }
        List<String> others = types.keySet().stream()
                .filter(column -> !column.equals(key) && !column.equals("minute"))
                .toList();
        List<String> swapped = random.nextBoolean() ? others : List.of(others.get(random.nextInt(others.size())));
        String list = String.join(", ", swapped);
        String texts = swapped.stream().map(column -> column + "::text").collect(Collectors.joining(", "));
        if (value("SELECT count(DISTINCT ROW(" + texts + ")) FROM " + table(source) + " WHERE " + is(source, one)
                        + " OR " + is(source, two))
                .equals("1")) {
            return null;
        }
        return update("UPDATE " + table(source) + " t SET (" + list + ") = (SELECT " + list + " FROM " + table(source)
                        + " o WHERE o." + key + "::text = CASE t." + key + "::text WHEN '" + one + "' THEN '" + two
                        + "' ELSE '" + one
                        + "' END) WHERE " + is(source, one) + " OR " + is(source, two))
                ? done
                : null;
    }

    private static String table(String source) {
        return "gateway." + TABLES.get(source);
    }

    private static String is(String source, String key) {
        return KEYS.get(source) + " = '" + key + "'";
    }

    /** Of the same millisecond. */
    private String other(String column) {
        return "(left(" + column + "::text, 24) || '" + String.format("%012x", random.nextLong() & 0xffffffffffffL)
                + "')::uuid";
    }

    private String anyKey(String source) throws SQLException {
        long count = Long.parseLong(value("SELECT count(*) FROM " + table(source)));
        return value("SELECT " + KEYS.get(source) + "::text FROM " + table(source) + " ORDER BY 1 OFFSET "
                + random.nextLong(count) + " LIMIT 1");
    }

    private Long sealOf(String source, String key) throws SQLException {
        return Long.valueOf(
                source.equals("seal")
                        ? key
                        : value("SELECT s.number FROM gateway.audit_seal s JOIN " + table(source)
                                + " r ON r.tx >= s.from_tx AND r.tx < s.to_tx WHERE r." + is(source, key)));
    }

    private String value(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private boolean update(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql) > 0;
        }
    }
}
