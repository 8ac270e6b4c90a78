package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Folders and processes of the servers a test starts, so that nothing of them stays: also not of a test run that was killed.
 *
 * <p>Each run has a folder named after its process below the temporary folder. The first server a later run starts sweeps the
 * folders whose process is gone, and ends what still runs out of them.
 */
final class ServerProcess {

    private static final Path ROOT =
            Path.of(System.getProperty("java.io.tmpdir"), "neuronetz-gateway-testkit-" + user());
    private static final String OWN = Long.toString(ProcessHandle.current().pid());

    private static boolean swept;

    private ServerProcess() {}

    private static String user() {
        return System.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9]", "_");
    }

    /** An empty folder of this run. */
    static synchronized Path newFolder(String name) {
        try {
            Files.createDirectories(ROOT);
            if (!swept) {
                swept = true;
                sweep();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(ROOT.resolve(OWN))));
            }
            Path own = Files.createDirectories(ROOT.resolve(OWN));
            return Files.createTempDirectory(own, name + "-");
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for a test server below " + ROOT, e);
        }
    }

    private static void sweep() throws IOException {
        try (Stream<Path> runs = Files.list(ROOT)) {
            for (Path run : runs.toList()) {
                String name = run.getFileName().toString();
                boolean dead = name.matches("[0-9]+")
                        && ProcessHandle.of(Long.parseLong(name)).isEmpty();
                if (dead) {
                    endProcessesIn(run);
                    delete(run);
                }
            }
        }
    }

    private static void endProcessesIn(Path run) {
        ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .arguments()
                        .map(arguments ->
                                Stream.of(arguments).anyMatch(argument -> argument.startsWith(run.toString())))
                        .orElse(false))
                .forEach(ProcessHandle::destroyForcibly);
    }

    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // A server that is just stopping may still write; the next run sweeps what it left.
            swept = false;
        }
    }

    /** Sends a signal, such as {@code STOP}, to a process and all it started. */
    static void signal(String signal, ProcessHandle process) {
        List<String> pids = Stream.concat(Stream.of(process), process.descendants())
                .map(handle -> Long.toString(handle.pid()))
                .toList();
        for (String pid : pids) {
            try {
                new ProcessBuilder("kill", "-" + signal, pid)
                        .redirectErrorStream(true)
                        .start()
                        .waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    static ProcessHandle require(long pid) {
        Optional<ProcessHandle> handle = ProcessHandle.of(pid);
        return handle.orElseThrow(() -> new IllegalStateException("process " + pid + " does not run"));
    }
}
