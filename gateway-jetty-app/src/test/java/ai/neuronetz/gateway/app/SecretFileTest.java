package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SecretFileTest {

    private static final String URL = "postgresql://gateway_cli:s3cret@db/gateway";

    private final CommandRun run = new CommandRun(new InMemoryAdministration());

    @TempDir
    private Path directory = Path.of("");

    @Test
    void a_secret_is_read_from_the_file_that_the_environment_names() throws IOException {
        run.with("DATABASE_URL_FILE", file(URL + "\n", "rw-------").toString());

        assertThat(run.execute("list-tenants")).isZero();
        assertThat(run.connectedTo()).isEqualTo(URL);
    }

    @Test
    void a_secret_is_read_from_the_file_that_the_flag_names() throws IOException {
        run.with("DATABASE_URL", "postgresql://other/other");

        assertThat(run.execute(
                        "list-tenants",
                        "--database-url-file",
                        file(URL, "r--r-----").toString()))
                .isZero();
        assertThat(run.connectedTo()).isEqualTo(URL);
    }

    @Test
    void user_and_password_may_come_apart_from_the_url() throws IOException {
        run.with("DATABASE_USER", "gateway_cli")
                .with(
                        "DATABASE_PASSWORD_FILE",
                        file("p@ss/w%rd +:\n", "rw-------").toString());

        assertThat(run.execute("list-tenants", "--database-url", "postgresql://db:5432/gateway?sslmode=require"))
                .isZero();
        assertThat(run.connectedTo())
                .isEqualTo("postgresql://gateway_cli:p%40ss%2Fw%25rd%20%2B%3A@db:5432/gateway?sslmode=require");
    }

    @Test
    void a_password_given_twice_is_refused() {
        run.with("DATABASE_URL", URL).with("DATABASE_PASSWORD", "other");

        assertRefused("give it once");
    }

    @Test
    void the_secret_and_its_file_at_once_are_refused() throws IOException {
        run.with("DATABASE_URL", URL)
                .with("DATABASE_URL_FILE", file(URL, "rw-------").toString());

        assertRefused("unset one of them");
    }

    @Test
    void a_file_that_everybody_can_read_is_refused() throws IOException {
        run.with("DATABASE_URL_FILE", file(URL, "rw-r--r--").toString());

        assertRefused("chmod o-rwx");
    }

    @Test
    void a_file_that_is_not_there_is_refused() {
        run.with("DATABASE_URL_FILE", directory.resolve("absent").toString());

        assertRefused("there is no file");
    }

    @Test
    void a_directory_is_refused() {
        run.with("DATABASE_URL_FILE", directory.toString());

        assertRefused("there is no file");
    }

    @Test
    void an_empty_file_is_refused() throws IOException {
        run.with("DATABASE_URL_FILE", file("\n", "rw-------").toString());

        assertRefused("is empty");
    }

    @Test
    void a_file_of_two_lines_is_refused() throws IOException {
        run.with("DATABASE_URL_FILE", file(URL + "\n" + URL, "rw-------").toString());

        assertRefused("more than one line");
    }

    @Test
    void a_file_that_is_no_text_is_refused() throws IOException {
        Path file = file("", "rw-------");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 1});
        run.with("DATABASE_URL_FILE", file.toString());

        assertRefused("is not text");
    }

    private void assertRefused(String said) {
        assertThat(run.execute("list-tenants")).isEqualTo(2);
        assertThat(run.err()).contains(said).hasLineCount(1).doesNotContain("s3cret");
        assertThat(run.connectedTo()).isEmpty();
    }

    private Path file(String content, String permissions) throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }
}
