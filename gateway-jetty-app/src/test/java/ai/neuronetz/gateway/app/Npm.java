package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** JavaScript packages of a test, installed below {@code target} so that the sources stay as they are. */
final class Npm {

    private final Path folder;

    private Npm(Path folder) {
        this.folder = folder;
    }

    /**
     * Installs what the lock file in the sources names, beside a copy of the files. Skips the test where there is no Node, but
     * not in CI.
     */
    static Npm install(Path sources, Path into, String... files) throws IOException, InterruptedException {
        requireNode();
        Files.createDirectories(into);
        for (String file : files) {
            copy(sources, into, file);
        }
        for (String file : List.of("package.json", "package-lock.json", ".npmrc")) {
            copy(sources, into, file);
        }
        Npm npm = new Npm(into);
        npm.run(Map.of(), "npm", "ci", "--ignore-scripts");
        return npm;
    }

    /** A file of an installed package. */
    Path module(String file) {
        return folder.resolve("node_modules").resolve(file);
    }

    /** Runs a program that must succeed; what it printed. */
    String run(Map<String, String> more, String... command) throws IOException, InterruptedException {
        return run(folder, more, command);
    }

    private static void copy(Path sources, Path into, String file) throws IOException {
        Files.copy(sources.resolve(file), into.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }

    private static void requireNode() throws InterruptedException {
        boolean present;
        try {
            run(Path.of("."), Map.of(), "node", "--version");
            run(Path.of("."), Map.of(), "npm", "--version");
            present = true;
        } catch (IOException e) {
            present = false;
        }
        if (!present && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("there is no node or npm here, and CI must not skip this test; install Node 20");
        }
        assumeTrue(present, "there is no node or npm here; install Node 20 to run this test");
    }

    private static String run(Path folder, Map<String, String> more, String... command)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("npm", ".log");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().putAll(more);
            Process process = builder.start();
            boolean ended = process.waitFor(3, TimeUnit.MINUTES);
            process.destroyForcibly();
            String said = Files.readString(log);
            assertThat(ended)
                    .as("%s ended in time; it said: %s", command[0], said)
                    .isTrue();
            assertThat(process.exitValue()).as("%s said: %s", command[0], said).isZero();
            return said;
        } finally {
            Files.deleteIfExists(log);
        }
    }
}
