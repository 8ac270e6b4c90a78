package ai.neuronetz.gateway.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Takes guards out of copies of the product's own scripts. A text that is not there exactly once is an error, never ignored. */
final class ScriptPatch {

    private static final String SCRIPTS = "ai/neuronetz/gateway/redis/";

    private final List<String> replacements = new ArrayList<>();

    /** Adds a replacement. */
    ScriptPatch replace(String guard, String without) {
        replacements.add(guard);
        replacements.add(without);
        return this;
    }

    /** Writes a changed Lua script where a class path that begins with {@code overlay} finds it first. */
    void lua(String file, Path overlay) {
        String changed = apply(file, product(SCRIPTS + file));
        Path target = overlay.resolve(SCRIPTS + file);
        try {
            Files.createDirectories(target.getParent());
            Files.writeString(target, changed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A script as the product ships it. */
    static String product(String path) {
        try (InputStream in = ScriptPatch.class.getClassLoader().getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("no script " + path);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces a function of the schema {@code gateway}, of which there must be one of that name. */
    void sql(String function, Connection database) {
        try (PreparedStatement find = database.prepareStatement("SELECT pg_get_functiondef(p.oid) FROM pg_proc p"
                        + " WHERE p.pronamespace = 'gateway'::regnamespace AND p.proname = ?");
                Statement replace = database.createStatement()) {
            find.setString(1, function);
            try (ResultSet row = find.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("no function gateway." + function);
                }
                String changed = apply(function, row.getString(1));
                if (row.next()) {
                    throw new IllegalStateException("several functions gateway." + function);
                }
                replace.execute(changed);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot change gateway." + function, e);
        }
    }

    private String apply(String name, String script) {
        String changed = script;
        for (int i = 0; i < replacements.size(); i += 2) {
            String guard = replacements.get(i);
            int at = changed.indexOf(guard);
            if (at < 0 || changed.indexOf(guard, at + 1) >= 0) {
                throw new IllegalStateException(name + " does not have exactly once: " + guard);
            }
            changed = changed.replace(guard, replacements.get(i + 1));
        }
        return changed;
    }
}
