package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.admin.Diagnosis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether settlements can be kept on disk. */
public final class SpoolExamination {

    private static final String SUBJECT = "spool";

    private SpoolExamination() {}

    /**
     * Writes a file and removes it again; a directory that had to be made for it stays, as serve would make it.
     *
     * @param base null for the system's temporary directory
     */
    public static Diagnosis of(@Nullable Path base, DatabaseSettings settings) {
        Path directory = SpoolDirectory.of(base, settings);
        try {
            SpoolDirectory.secured(directory);
            Files.delete(Files.createTempFile(directory, "doctor", ".probe"));
            if (base != null && Files.isWritable(base) && othersWrite(base)) {
                return Diagnosis.failure(
                        SUBJECT,
                        base + " can be written by others, who can replace what is in it",
                        "chmod go-w " + base);
            }
            return Diagnosis.ok(SUBJECT, "settlements can be kept in " + directory);
        } catch (IOException e) {
            String why = e.getMessage() != null && e.getMessage().startsWith(directory + " ")
                    ? e.getMessage()
                    : directory + " cannot be written (" + e.getClass().getSimpleName() + ")";
            String mend = why.toLowerCase(Locale.ROOT).contains("by others")
                    ? "chmod 700 " + directory
                    : "install -d -m 700 -o " + System.getProperty("user.name", "gateway") + " "
                            + (base == null ? directory : base) + ", or set SPOOL_DIRECTORY";
            return Diagnosis.failure(SUBJECT, why + "; nothing is admitted without it", mend);
        }
    }

    /** Unless, as in /tmp, nobody may touch what is another's. */
    private static boolean othersWrite(Path directory) throws IOException {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return false;
        }
        int mode = (Integer) Files.getAttribute(directory, "unix:mode");
        return (mode & 0022) != 0 && (mode & 01000) == 0;
    }
}
