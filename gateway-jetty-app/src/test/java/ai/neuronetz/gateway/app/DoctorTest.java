package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.admin.Diagnosis;
import ai.neuronetz.gateway.testkit.TestDatabase;
import ai.neuronetz.gateway.testkit.TestPostgres;
import ai.neuronetz.gateway.testkit.TestRedis;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Each way in which an installation is wrong is found, and the command that mends it is named. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DoctorTest {

    private static final String ANOTHER_PEPPER = "00112233445566778899aabbccddeeff".repeat(2);

    private final Installation installation = new Installation();
    private final Map<String, String> settings = new HashMap<>();

    @TempDir
    private Path directory = Path.of("");

    @BeforeEach
    void allIsWell() {
        settings.clear();
        settings.putAll(installation.serveSettings());
        settings.put("SPOOL_DIRECTORY", directory.resolve("spool").toString());
        installation.ollama().reset().models("llama3:8b");
    }

    @AfterAll
    void close() {
        installation.close();
    }

    private CommandRun run(int exitCode, String... arguments) {
        CommandRun run = new CommandRun(new InMemoryAdministration());
        settings.forEach(run::with);
        List<String> command = new ArrayList<>(List.of("doctor"));
        command.addAll(List.of(arguments));
        assertThat(run.execute(command.toArray(String[]::new)))
                .as(run.out() + run.err())
                .isEqualTo(exitCode);
        installation.assertNoSecretIn(run.out() + run.err());
        return run;
    }

    /** That something of this kind was found, and what mends it. */
    private void assertFound(String verdict, String check, String found, String mend) throws IOException {
        boolean failed = verdict.equals("FAIL");
        JsonNode report =
                new ObjectMapper().readTree(run(failed ? 1 : 0, "--json").out());
        assertThat(report).anySatisfy(one -> {
            assertThat(one.get("verdict").asText()).isEqualTo(verdict);
            assertThat(one.get("check").asText()).isEqualTo(check);
            assertThat(one.get("found").asText()).contains(found);
            assertThat(one.get("mend").asText()).contains(mend);
        });
    }

    @Test
    void where_all_is_well_every_check_says_so() throws IOException {
        JsonNode report = new ObjectMapper().readTree(run(0, "--json").out());

        // The test's PostgreSQL runs without fsync, to be fast.
        assertThat(report)
                .filteredOn(one -> !one.get("check").asText().equals("durability"))
                .allSatisfy(one -> assertThat(one.get("verdict").asText())
                        .as(one.toString())
                        .isIn("OK", "SKIP"));
        assertThat(report)
                .extracting(one -> one.get("check").asText())
                .contains("postgresql", "schema", "database role", "partitions", "seals")
                .contains("redis", "redis policy", "redis commands", "ollama", "models", "ollama exposure")
                .contains("clocks", "spool", "secret files", "pepper", "settings");
        assertThat(run(0).out()).contains("OK    redis", "0 failed");
    }

    @Test
    void a_warning_fails_only_where_that_is_asked_for() {
        settings.put("LISTEN_HOST", "0.0.0.0");

        assertThat(run(0).out()).contains("WARN  settings", "LISTEN_HOST 0.0.0.0", "0 failed");
        run(1, "--strict");
    }

    @Test
    void a_stopped_redis() throws IOException {
        try (TestRedis redis = TestRedis.start()) {
            settings.put("REDIS_URL", redis.url());
            redis.stop();

            assertFound("FAIL", "redis", "cannot be used", "systemctl start redis-server");
        }
    }

    @Test
    void a_redis_that_evicts() throws IOException {
        try (TestRedis redis = TestRedis.start()) {
            settings.put("REDIS_URL", redis.url());
            tell(redis, "CONFIG SET maxmemory-policy allkeys-lru");
            assertFound("WARN", "redis policy", "allkeys-lru", "CONFIG SET maxmemory-policy noeviction");
            tell(redis, "CONFIG SET maxmemory 100mb");
            assertFound("FAIL", "redis policy", "allkeys-lru", "CONFIG SET maxmemory-policy noeviction");
        }
    }

    @Test
    void a_redis_login_that_may_not_run_every_command() throws IOException {
        try (TestRedis redis = TestRedis.start()) {
            tell(redis, "ACL SETUSER narrow on >pw ~gw:* +@all -hincrby");
            settings.put("REDIS_URL", "redis://narrow:pw@" + redis.host() + ":" + redis.port());
            assertFound("FAIL", "redis commands", "HINCRBY", "ACL SETUSER");
            // The permissions that are advised are enough.
            tell(redis, "ACL SETUSER narrow reset on >pw ~gw:* +@read +@write +@scripting +@connection +info +time");
            assertThat(run(0).out()).contains("OK    redis commands");
            settings.put("REDIS_URL", "redis://narrow:other@" + redis.host() + ":" + redis.port());
            assertFound("FAIL", "redis", "cannot be used", "see that login and scheme");
        }
    }

    @Test
    void a_database_role_that_is_not_the_serving_one() throws IOException {
        settings.put("DATABASE_URL", installation.cliUrl());
        assertFound("FAIL", "database role", "gateway_cli may not serve", "gateway_app@");
        assertThat(run(1).out()).doesNotContain("may not use the gateway's schema");
        settings.put("DATABASE_URL", installation.adminUrl());
        assertFound("FAIL", "database role", "is superuser", "gateway_app@");
    }

    @Test
    void a_serving_role_that_can_rewrite_the_audit_log() throws Exception {
        installation.execute(true, "GRANT UPDATE ON gateway.audit_change TO gateway_app");
        try {
            assertFound("FAIL", "database role", "can change tables", "REVOKE INSERT, UPDATE");
        } finally {
            installation.execute(true, "REVOKE UPDATE ON gateway.audit_change FROM gateway_app");
        }
    }

    @Test
    void stores_that_hang_are_told_from_those_that_are_well() throws IOException {
        try (TestRedis redis = TestRedis.start()) {
            settings.put("REDIS_URL", redis.url());
            redis.pause();
            try {
                assertFound("FAIL", "redis", "cannot be used", "redis-cli");
            } finally {
                redis.resume();
            }
        }
    }

    @Test
    void a_database_that_was_not_migrated() throws IOException {
        TestDatabase empty = TestPostgres.shared().createDatabase();
        settings.put("DATABASE_URL", empty.url());

        assertFound("FAIL", "schema", "no gateway schema", "java -jar gateway-jetty-app.jar migrate");
    }

    @Test
    void a_database_that_is_not_there_or_refuses_the_password() throws IOException {
        settings.put("DATABASE_URL", "postgresql://gateway_app:pw-canary@127.0.0.1:1/gateway");
        assertFound("FAIL", "postgresql", "does not answer", "systemctl start postgresql");
        settings.put("DATABASE_URL", installation.cliUrl().replaceFirst("gateway_cli:[^@]*@", "gateway_cli:wrong@"));
        assertFound("FAIL", "postgresql", "refuses user or password", "GATEWAY_APP_PASSWORD");
    }

    @Test
    void a_month_without_its_partition() throws Exception {
        String part = "gateway.settlement_"
                + LocalDate.now(ZoneOffset.UTC)
                        .withDayOfMonth(1)
                        .plusMonths(1)
                        .format(DateTimeFormatter.ofPattern("yyyy_MM"));
        installation.execute(true, "ALTER TABLE " + part + " RENAME TO away");
        try {
            assertFound("WARN", "partitions", part.substring("gateway.".length()), "ensure_partitions(3)");
        } finally {
            installation.execute(true, "ALTER TABLE gateway.away RENAME TO " + part.substring("gateway.".length()));
        }
    }

    @Test
    void an_ollama_that_is_down() throws IOException {
        settings.put("OLLAMA_URL", "http://127.0.0.1:1");

        assertFound("FAIL", "ollama", "does not answer", "systemctl start ollama");
    }

    @Test
    void an_ollama_that_cannot_tell_its_models() throws IOException {
        installation.ollama().unavailable(true);

        assertFound("FAIL", "models", "answers /api/tags with status 503", "systemctl restart ollama");
    }

    @Test
    void an_ollama_without_models() throws IOException {
        installation.ollama().models();

        assertFound("WARN", "models", "none is installed", "ollama pull");
    }

    @Test
    void an_ollama_that_answers_at_an_address_others_may_reach() throws Exception {
        URI url = installation.ollama().uri();

        // The address of this test is no public one; what matters is that it is asked there.
        List<Diagnosis> found = new OllamaExamination(url, List.of(InetAddress.getByName("127.0.0.1"))).examine();

        assertThat(found).anySatisfy(one -> {
            assertThat(one.verdict()).isEqualTo(Diagnosis.Verdict.FAIL);
            assertThat(one.found()).contains("answers at 127.0.0.1 too");
            assertThat(one.mend()).contains("OLLAMA_HOST=127.0.0.1");
        });
        assertThat(OllamaExamination.reachableAddresses()).noneMatch(InetAddress::isLoopbackAddress);
    }

    @Test
    void an_ollama_url_that_is_a_public_address() throws IOException {
        settings.put("OLLAMA_URL", "http://192.0.2.1:11434");

        assertFound("FAIL", "ollama exposure", "192.0.2.1 is a public address", "OLLAMA_HOST");
    }

    @Test
    void a_pepper_that_is_none() throws IOException {
        settings.put("KEY_PEPPER", "hunter2-canary");

        assertFound("FAIL", "pepper", "KEY_PEPPER", "generate-pepper");
        assertThat(run(1).out()).doesNotContain("hunter2");
    }

    @Test
    void a_pepper_that_the_keys_were_not_made_with() throws Exception {
        installation.execute(true, "DELETE FROM gateway.pepper");
        installation.command("create-tenant", "--tenant", "peppered");
        try {
            assertThat(run(0).out()).contains("OK    pepper            is one; no key was made");
            installation.createKey("peppered");
            assertThat(run(0).out()).contains("OK    pepper            is that of the keys");

            settings.put("KEY_PEPPER", ANOTHER_PEPPER);
            installation.execute(true, "UPDATE gateway.pepper SET first_used_at = '-infinity'");
            assertFound("FAIL", "pepper", "is not that of the keys: every key is refused", "create-key");
            installation.execute(true, "UPDATE gateway.pepper SET first_used_at = 'infinity'");
            assertFound("WARN", "pepper", "it may be that of older ones", "create-key");
            assertThat(run(0).out()).doesNotContain(ANOTHER_PEPPER);
        } finally {
            installation.execute(true, "DELETE FROM gateway.pepper");
        }
    }

    @Test
    void two_peppers_of_which_only_one_can_be_served() throws Exception {
        installation.execute(true, "DELETE FROM gateway.pepper");
        installation.command("create-tenant", "--tenant", "twice");
        installation.createKey("twice");
        try {
            CommandRun other = installation.commandRun().with("KEY_PEPPER", ANOTHER_PEPPER);
            assertThat(other.execute("create-key", "--tenant", "twice", "--json"))
                    .isZero();
            assertThat(other.err()).contains("Other keys were made with another KEY_PEPPER");
            assertThat(new ObjectMapper().readTree(other.out()).has("key")).isTrue();

            assertFound("WARN", "pepper", "is not that of the newest keys", "create-key");
            settings.put("KEY_PEPPER", ANOTHER_PEPPER);
            assertFound("WARN", "pepper", "keys made with it are refused", "DELETE FROM gateway.pepper");
        } finally {
            installation.execute(true, "DELETE FROM gateway.pepper");
        }
    }

    @Test
    void a_secret_that_others_can_read() throws IOException {
        String pepper = String.valueOf(settings.remove("KEY_PEPPER"));
        Path file = Files.writeString(directory.resolve("pepper"), pepper);
        settings.put("KEY_PEPPER_FILE", file.toString());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertFound("WARN", "secret files", "read or changed by its group", "chmod 400 " + file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertFound("FAIL", "pepper", "every user can read", "chmod 400 " + file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        assertThat(run(0).out()).contains("only their owner can read them").doesNotContain(pepper);
    }

    @Test
    void a_spool_that_cannot_be_written_or_can_be_by_all() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        settings.put("SPOOL_DIRECTORY", file.resolve("spool").toString());
        assertFound("FAIL", "spool", "cannot be written", "install -d -m 700");
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        settings.put("SPOOL_DIRECTORY", open.toString());
        assertFound("FAIL", "spool", "can be written by others", "chmod go-w " + open);
    }

    @Test
    void settings_that_are_missing_or_that_serve_would_not_start_with() throws IOException {
        settings.put("LISTEN_PORT", "http");
        assertFound("FAIL", "settings", "LISTEN_PORT: http", "correct it");
        settings.clear();
        String out = run(1).out();
        assertThat(out).contains("DATABASE_URL is not set", "REDIS_URL is not set", "OLLAMA_URL is not set");
        assertThat(out.split("DATABASE_URL is not set", -1)).hasSize(2);
    }

    /** An inline command, as the default user. */
    static void tell(TestRedis redis, String command) throws IOException {
        URI url = URI.create(redis.url());
        String login =
                url.getUserInfo() == null ? "" : "AUTH " + url.getUserInfo().replaceFirst("^.*:", "") + "\r\n";
        try (Socket socket = new Socket(redis.host(), redis.port())) {
            OutputStream out = socket.getOutputStream();
            out.write((login + command + "\r\nQUIT\r\n").getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("+OK").doesNotContain("-");
        }
    }
}
