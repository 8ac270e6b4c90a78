package ai.neuronetz.gateway.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The server programs from the jars on the class path, unpacked once per user and kept.
 *
 * <p>Unpacking goes to a directory of its own which is then renamed, so JVMs that start together need no lock.
 */
final class ServerPrograms {
    private ServerPrograms() {}

    /** The directory that contains {@code initdb} and {@code postgres}. */
    static Path postgres() {
        String arch = amd64() ? "x86_64" : "arm_64";
        return unpacked("postgres-" + os() + "-" + arch + ".txz", ServerPrograms::untar)
                .resolve("bin");
    }

    /** The path of {@code redis-server}. */
    static Path redis() {
        String arch = amd64() ? "amd64" : "arm64";
        return unpacked("redis-server-7.0.15-" + os() + "-" + arch, (bytes, target) -> {
                    Path program = target.resolve("redis-server");
                    Files.write(program, bytes);
                    makeExecutable(program);
                })
                .resolve("redis-server");
    }

    private interface Unpacker {
        void unpack(byte[] bytes, Path target) throws IOException;
    }

    private static Path unpacked(String resource, Unpacker unpacker) {
        try (InputStream in = ServerPrograms.class.getResourceAsStream("/" + resource)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + resource);
            }
            byte[] bytes = in.readAllBytes();
            CRC32 crc = new CRC32();
            crc.update(bytes);
            Path base = ScratchDirectory.base();
            Path target = base.resolve(resource + "-" + Long.toHexString(crc.getValue()));
            if (!Files.exists(target)) {
                Path temporary = Files.createTempDirectory(base, "unpack");
                unpacker.unpack(bytes, temporary);
                // Readable for the unprivileged account that root runs PostgreSQL under.
                ServerProcess.run(List.of("chmod", "-R", "a+rX", temporary.toString()));
                moveUnlessThere(temporary, target);
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void moveUnlessThere(Path temporary, Path target) throws IOException {
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            ScratchDirectory.deleteTree(temporary);
            if (!Files.exists(target)) {
                throw e;
            }
        }
    }

    private static void untar(byte[] bytes, Path target) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(bytes)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("entry outside of the archive: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                    continue;
                }
                Files.createDirectories(path.resolveSibling("."));
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, path);
                    if ((entry.getMode() & 0100) != 0) {
                        makeExecutable(path);
                    }
                }
            }
        }
    }

    private static void makeExecutable(Path path) throws IOException {
        if (!path.toFile().setExecutable(true, false)) {
            throw new IOException("cannot make executable: " + path);
        }
    }

    private static boolean amd64() {
        String arch = System.getProperty("os.arch");
        return arch.equals("amd64") || arch.equals("x86_64");
    }

    private static String os() {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return name.contains("mac") ? "darwin" : "linux";
    }
}
