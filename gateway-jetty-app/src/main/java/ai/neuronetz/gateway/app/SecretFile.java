package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** A secret in a file of its own, as secret stores and container platforms hand them over. */
final class SecretFile {

    private static final int MAX_BYTES = 16 * 1024;

    private SecretFile() {}

    /**
     * The only line of the file.
     *
     * @param source what named the file, for messages
     * @throws ConfigurationException if it cannot be read, is empty, has more lines, or can be read by everybody
     */
    static String read(String source, String path) {
        String content = text(source, path);
        if (content.lines().count() > 1) {
            throw new ConfigurationException(
                    source + ": " + path + " has more than one line; keep only the secret in it");
        }
        return content;
    }

    /** As {@link #read}, and it may have more lines. */
    static String text(String source, String path) {
        try {
            Path file = Path.of(path);
            if (!Files.isRegularFile(file)) {
                throw new ConfigurationException(
                        source + ": there is no file " + path + "; create it or correct the path");
            }
            if (!Files.isReadable(file)) {
                throw new ConfigurationException(source + ": " + path
                        + " cannot be read; make it readable for the user who runs this (chown, chmod 400)");
            }
            refuseWorldReadable(source, file);
            if (Files.size(file) > MAX_BYTES) {
                throw new ConfigurationException(
                        source + ": " + path + " is too long for a secret; is it the right file?");
            }
            String content = Files.readString(file).strip();
            if (content.isEmpty()) {
                throw new ConfigurationException(source + ": " + path + " is empty; write the secret into it");
            }
            return content;
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(source + ": " + path + " is not text; write the secret as UTF-8");
        } catch (IOException | InvalidPathException e) {
            throw new ConfigurationException(
                    source + ": " + path + " cannot be read; check the path and its permissions");
        }
    }

    private static void refuseWorldReadable(String source, Path file) throws IOException {
        Set<PosixFilePermission> permissions;
        try {
            permissions = Files.getPosixFilePermissions(file);
        } catch (UnsupportedOperationException e) {
            // A file system without such permissions; there is nothing to check.
            return;
        }
        if (permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new ConfigurationException(source + ": every user can read or change " + file
                    + "; run chmod o-rwx on it (for a mounted secret, set its mode to 0400 or 0440)");
        }
    }
}
