package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A PostgreSQL and a Redis as a program, for the demo: {@code DemoStores FILE}.
 *
 * <p>Writes their URLs into the file once both answer, and runs until it is stopped; then they and their data are gone. Where
 * the data is, is told by the system property {@code java.io.tmpdir}.
 */
final class DemoStores {

    private DemoStores() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 1) {
            System.err.println("name the file that is to hold the URLs");
            System.exit(2);
        }
        Path file = Path.of(args[0]).toAbsolutePath();
        TestPostgres postgres = TestPostgres.shared();
        TestRedis redis = TestRedis.shared();
        Path unfinished = Path.of(file + ".unfinished");
        Files.writeString(
                unfinished, "DATABASE_URL=" + postgres.createDatabase().url() + "\nREDIS_URL=" + redis.url() + "\n");
        // Whoever waits for the file must never see half of it.
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        Thread.currentThread().join();
    }
}
