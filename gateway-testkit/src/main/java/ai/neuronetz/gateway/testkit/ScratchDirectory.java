package ai.neuronetz.gateway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A directory that belongs to one server of one JVM, named {@code <kind>-<pid of the JVM>-<number>}.
 *
 * <p>A JVM that was killed cannot clean up. Each {@link #create} therefore first removes the directories whose JVM is
 * gone, after ending a server that still runs in one.
 */
final class ScratchDirectory implements AutoCloseable {
    static final String SERVER_PID = "server.pid";

    private static final String OWNER_LOCK = "owner.lock";
    private static final Pattern NAME = Pattern.compile("[a-z]+-(\\d+)-\\d+");

    private final Path path;
    private final FileChannel lockFile;

    private ScratchDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    static ScratchDirectory create(String kind) {
        try {
            Path base = base();
            sweep(base);
            Path path = Files.createTempDirectory(
                    base, kind + "-" + ProcessHandle.current().pid() + "-");
            FileChannel lockFile =
                    FileChannel.open(path.resolve(OWNER_LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            lockFile.lock();
            return new ScratchDirectory(path, lockFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the scratch directories of this user and the unpacked server programs are. */
    static Path base() throws IOException {
        return Files.createDirectories(
                Path.of(System.getProperty("java.io.tmpdir"), "neuronetz-testkit-" + System.getProperty("user.name")));
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deleteTree(path);
        }
    }

    static void sweep(Path base) throws IOException {
        List<Path> candidates;
        try (Stream<Path> entries = Files.list(base)) {
            candidates = entries.toList();
        }
        for (Path candidate : candidates) {
            Matcher name = NAME.matcher(candidate.getFileName().toString());
            if (name.matches() && !alive(Long.parseLong(name.group(1))) && !locked(candidate)) {
                endServerIn(candidate);
                deleteTree(candidate);
            }
        }
    }

    private static boolean alive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** The pid alone would not do: containers that share a /tmp do not see each other's processes. */
    private static boolean locked(Path directory) {
        Path file = directory.resolve(OWNER_LOCK);
        if (!Files.exists(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            FileLock lock = channel.tryLock();
            return lock == null;
        } catch (IOException | OverlappingFileLockException e) {
            return true;
        }
    }

    private static void endServerIn(Path directory) {
        try {
            String[] pidAndSignal =
                    Files.readString(directory.resolve(SERVER_PID)).split(" ", 2);
            // The number may be another program's by now; the server's working directory tells.
            Path working = Files.readSymbolicLink(Path.of("/proc", pidAndSignal[0], "cwd"));
            if (working.startsWith(directory.toRealPath())) {
                ProcessHandle.of(Long.parseLong(pidAndSignal[0])).ifPresent(server -> end(server, pidAndSignal[1]));
            }
        } catch (IOException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            // No server was started here, or it is gone.
        }
    }

    private static void end(ProcessHandle server, String stopSignal) {
        List<ProcessHandle> all =
                Stream.concat(server.descendants(), Stream.of(server)).toList();
        // Not SIGKILL at once: a killed postmaster leaves its System V shared memory segment behind for ever.
        ServerProcess.signal("CONT", all);
        ServerProcess.signal(stopSignal, List.of(server));
        ServerProcess.awaitExit(server);
        all.forEach(ProcessHandle::destroyForcibly);
    }

    static void deleteTree(Path root) {
        try (Stream<Path> tree = Files.walk(root)) {
            tree.sorted(Comparator.reverseOrder()).forEach(ScratchDirectory::deleteQuietly);
        } catch (IOException | UncheckedIOException e) {
            // Another JVM sweeps the same leftovers, or the server is just removing files: the next sweep gets the
            // rest.
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // As above.
        }
    }
}
