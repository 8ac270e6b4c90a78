package ai.neuronetz.gateway.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class TestPostgresTest {
    @Test
    void shared_server_is_postgresql_17_and_gives_each_caller_a_database_of_its_own() throws SQLException {
        TestDatabase first = TestPostgres.shared().createDatabase();
        TestDatabase second = TestPostgres.shared().createDatabase();

        assertThat(query(first, "SHOW server_version")).startsWith("17.");
        assertThat(query(first, "SHOW max_connections")).isEqualTo("300");
        assertThat(first.port()).isEqualTo(second.port());
        assertThat(first.name()).isNotEqualTo(second.name());
        assertThat(first.url()).startsWith("postgresql://postgres:").endsWith("/" + first.name());
    }

    @Test
    void a_role_needs_its_right_password() throws SQLException {
        TestDatabase database = TestPostgres.shared().createDatabase();
        String role = "role_" + database.name();
        execute(database, "CREATE ROLE " + role + " LOGIN PASSWORD 'right'");

        try (Connection connection = DriverManager.getConnection(database.jdbcUrl(role, "right"))) {
            assertThat(connection.isValid(5)).isTrue();
        }
        assertThatThrownBy(() -> DriverManager.getConnection(database.jdbcUrl(role, "wrong")))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void fsync_is_on_only_when_asked_for() throws SQLException {
        try (TestPostgres durable = TestPostgres.start(true)) {
            assertThat(query(durable.createDatabase(), "SHOW fsync")).isEqualTo("on");
        }
        assertThat(query(TestPostgres.shared().createDatabase(), "SHOW fsync")).isEqualTo("off");
    }

    @Test
    void stop_breaks_connections_and_restart_brings_the_committed_rows_back_on_the_same_port() throws SQLException {
        try (TestPostgres postgres = TestPostgres.start()) {
            TestDatabase database = postgres.createDatabase();
            execute(database, "CREATE TABLE t AS SELECT 42 AS n");

            postgres.stop();
            assertThatThrownBy(database::connect).isInstanceOf(SQLException.class);
            postgres.restart();

            assertThat(query(database, "SELECT n FROM t")).isEqualTo("42");
        }
    }

    @Test
    void paused_server_answers_nothing_until_resumed() throws SQLException {
        try (TestPostgres postgres = TestPostgres.start();
                Connection connection = postgres.createDatabase().connect()) {
            postgres.pause();
            assertThat(connection.isValid(1)).isFalse();
            postgres.resume();

            assertThat(query(postgres.createDatabase(), "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void closing_a_paused_server_leaves_neither_process_nor_directory() throws Exception {
        Path base = ScratchDirectory.base();
        TestPostgres postgres = TestPostgres.start();
        Path directory = newest(base);
        ProcessHandle server = ProcessHandle.of(
                        Long.parseLong(Files.readString(directory.resolve(ScratchDirectory.SERVER_PID))
                                .split(" ", 2)[0]))
                .orElseThrow();
        assertThat(server.isAlive()).isTrue();

        postgres.pause();
        postgres.close();

        assertThat(server.isAlive()).isFalse();
        assertThat(directory).doesNotExist();
    }

    private static Path newest(Path base) throws Exception {
        try (Stream<Path> entries = Files.list(base)) {
            return entries.filter(path -> path.getFileName()
                            .toString()
                            .startsWith("postgres-" + ProcessHandle.current().pid() + "-"))
                    .max((a, b) ->
                            Long.compare(a.toFile().lastModified(), b.toFile().lastModified()))
                    .orElseThrow();
        }
    }

    private static String query(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    private static void execute(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
