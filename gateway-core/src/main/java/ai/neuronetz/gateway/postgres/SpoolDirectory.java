package ai.neuronetz.gateway.postgres;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A directory that this user alone may write to: who could write there could settle requests at nothing. */
final class SpoolDirectory {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private SpoolDirectory() {}

    /**
     * The directory for one database: settlements of another's requests would be taken for unknown.
     *
     * @param base null for the system's temporary directory
     */
    static Path of(@Nullable Path base, DatabaseSettings settings) {
        String database = settings.jdbcUrl().replaceFirst("\\?.*", "");
        String id = HexFormat.of().formatHex(sha256(database), 0, 8);
        if (base != null) {
            return base.resolve(id);
        }
        String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9]", "_");
        return Path.of(System.getProperty("java.io.tmpdir"), "neuronetz-gateway-" + user + "-" + id);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Creates it where it is missing. */
    static Path secured(Path directory) throws IOException {
        boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Path parent = directory.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            if (posix) {
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            } else {
                Files.createDirectory(directory);
            }
        }
        if (posix) {
            // Not what a link points to: whoever made the link can make it point elsewhere.
            PosixFileAttributes found =
                    Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!found.isDirectory()) {
                throw new IOException(directory + " is no directory");
            }
            if (found.permissions().contains(PosixFilePermission.OTHERS_WRITE)
                    || found.permissions().contains(PosixFilePermission.GROUP_WRITE)) {
                throw new IOException(directory + " can be written by others");
            }
        }
        return directory;
    }

    /** Makes new names in it durable. */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static void removeIfEmpty(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException | NoSuchFileException e) {
            // Others are at work in it, or it was theirs to remove.
            return;
        }
    }
}
