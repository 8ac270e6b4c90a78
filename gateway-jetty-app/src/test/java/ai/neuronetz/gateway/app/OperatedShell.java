package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.docs.Pages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The operator's shell on the machine of an {@link OperatedGateway}: what the pages start with systemd or ask of stores reaches it. */
final class OperatedShell {

    private static final Pattern AS_SERVE = Pattern.compile("(?ms)^as_serve\\(\\) \\{.*?^}\\n");

    private final OperatedGateway gateway;
    private final OperatorShell shell;

    OperatedShell(OperatedGateway gateway, Path root) throws IOException {
        this.gateway = gateway;
        Path home = Files.createDirectories(root.resolve("home"));
        shell = new OperatorShell(home)
                .with(Map.of(
                        "DATABASE_URL", gateway.installation().cliUrl(),
                        "KEY_PEPPER_FILE", gateway.etc().resolve("key_pepper").toString(),
                        "OLLAMA_URL", gateway.ollama().uri().toString()))
                .at("127.0.0.1:8080", "127.0.0.1:" + gateway.port())
                .at("127.0.0.1:8081", "127.0.0.1:" + gateway.managementPort())
                .at("/etc/neuronetz-gateway", gateway.etc().toString())
                .at("/var/lib/neuronetz-gateway", gateway.state().toString())
                .at("java -jar /opt/neuronetz-gateway/gateway-jetty-app.jar", "gateway")
                .command("systemctl", this::systemctl)
                .command("journalctl", arguments -> gateway.log())
                .command("redis-cli", this::redis)
                .command("psql", this::psql);
        Matcher function = AS_SERVE.matcher(Pages.read(Path.of("docs/OPERATIONS.md")));
        if (!function.find()) {
            throw new IllegalStateException("the page of operations no longer says what as_serve is");
        }
        shell.before(function.group());
    }

    OperatorShell shell() {
        return shell;
    }

    private String systemctl(List<String> arguments) throws Exception {
        switch (String.join(" ", arguments)) {
            case "restart redis-server" -> gateway.redis().restart();
            case "restart postgresql" -> gateway.postgres().restart();
            case "restart ollama" -> gateway.ollama().unavailable(false);
            case "restart neuronetz-gateway" -> {
                gateway.stop();
                gateway.start();
            }
            case "start neuronetz-gateway" -> gateway.start();
            default -> throw new IllegalArgumentException("nothing here does: systemctl " + arguments);
        }
        return "";
    }

    private String redis(List<String> arguments) throws IOException {
        return gateway.redisCommand(String.join(" ", arguments)) + "\n";
    }

    /** {@code psql … -c SQL}, as the superuser in the gateway's database; a row as {@code a | b}. */
    private String psql(List<String> arguments) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Connection connection = gateway.installation().superuser();
                Statement statement = connection.createStatement()) {
            if (statement.execute(arguments.get(arguments.size() - 1))) {
                try (ResultSet rows = statement.getResultSet()) {
                    while (rows.next()) {
                        StringJoiner line = new StringJoiner(" | ", "", "\n");
                        for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                            line.add(String.valueOf(rows.getString(column)));
                        }
                        lines.add(line.toString());
                    }
                }
            }
        }
        return String.join("", lines);
    }
}
