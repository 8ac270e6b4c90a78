package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.ConfigurationException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settlements that PostgreSQL has not taken, on disk, so that they outlive this process.
 *
 * <p>Each process writes a file of its own and holds its lock. A file without a lock was left by a process that ended: who
 * starts next adopts it. Of what is in it, a line that was torn or altered is skipped and counted; its request is charged in
 * full by the reaper, like any other that nobody settles.
 *
 * <p>Belongs to one thread, but for {@link #usable}.
 */
final class SettlementSpool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SettlementSpool.class);

    private static final String SUFFIX = ".spool";

    private final Path directory;
    private final Path file;
    private final long maxBytes;
    private final Counter corrupt;

    /** Not a channel: those close when their thread is interrupted, as it is at the end, with settlements to be written. */
    private @Nullable RandomAccessFile content;

    /** Up to here the file is whole. */
    private volatile long length;

    private volatile boolean usable = true;

    private SettlementSpool(Path directory, long maxBytes, MeterRegistry registry) throws IOException {
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.file = directory.resolve(UUID.randomUUID() + SUFFIX);
        this.content = create();
        this.corrupt = Counter.builder("gateway.ledger.spool.corrupt")
                .description("Spooled settlements that could not be read back")
                .register(registry);
        Gauge.builder("gateway.ledger.spool.bytes", this, spool -> spool.length)
                .description("Settlements on disk that PostgreSQL has not taken yet")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("gateway.ledger.spool.usable", this, spool -> spool.usable ? 1 : 0)
                .description("1 while settlements could be written to disk, else 0 and nothing is admitted")
                .register(registry);
    }

    /** @throws ConfigurationException if nothing can be written there, or others could */
    static SettlementSpool open(Path directory, long maxBytes, MeterRegistry registry) {
        try {
            return new SettlementSpool(directory, maxBytes, registry);
        } catch (IOException e) {
            throw new ConfigurationException("SPOOL_DIRECTORY: settlements cannot be kept in " + directory + " ("
                    + e.getClass().getSimpleName() + "); name a directory that this user alone may write to");
        }
    }

    /** Whether settlements would find a place; while not, nothing may be admitted. */
    boolean usable() {
        return usable;
    }

    /** Whether what was appended is still there. What is written into a file without a name is lost with its process. */
    boolean intact() {
        return content != null && Files.exists(file);
    }

    /** Writes and syncs, all or nothing; whether it did. If it is not {@link #intact}, it begins anew, with this. */
    boolean append(Collection<PendingSettlement> settlements) {
        StringBuilder lines = new StringBuilder();
        settlements.forEach(each -> lines.append(SpoolLine.write(each)));
        return write(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Tries whether it could write, and leaves nothing; to be called while the spool is empty. */
    void probe() {
        if (write(SpoolLine.BLANK)) {
            clear();
        }
    }

    /** Forgets all that was appended: PostgreSQL has it. */
    void clear() {
        try {
            if (content != null) {
                content.setLength(0);
                content.getFD().sync();
            }
            length = 0;
        } catch (IOException e) {
            unusable(e);
        }
    }

    private boolean write(byte[] bytes) {
        try {
            if (bytes.length > maxBytes - length) {
                throw new IOException("the spool has its " + maxBytes + " bytes");
            }
            RandomAccessFile open = content;
            if (open == null || !Files.exists(file)) {
                // Somebody cleared the directory away: what is written into a file without a name is lost with the
                // process. Forgotten first, so that it is begun anew also where this attempt fails.
                content = null;
                if (open != null) {
                    open.close();
                }
                open = create();
                content = open;
            }
            long end = length;
            open.seek(end);
            open.write(bytes);
            open.getFD().sync();
            length = end + bytes.length;
            if (!usable) {
                LOG.info("settlements can be kept in {} again", directory);
            }
            usable = true;
            return true;
        } catch (IOException e) {
            unusable(e);
            return false;
        }
    }

    private void unusable(IOException cause) {
        if (usable) {
            LOG.error("settlements cannot be kept in {}; nothing is admitted until they can", directory, cause);
        }
        usable = false;
    }

    private RandomAccessFile create() throws IOException {
        SpoolDirectory.secured(directory);
        RandomAccessFile created = new RandomAccessFile(file.toFile(), "rw");
        if (created.getChannel().tryLock() == null || !Files.getOwner(file).equals(Files.getOwner(directory))) {
            created.close();
            Files.delete(file);
            throw new IOException(directory + " belongs to somebody else");
        }
        created.setLength(0);
        SpoolDirectory.sync(directory);
        length = 0;
        return created;
    }

    /** Reads what ended processes left, copies it into this process' file, and removes theirs. */
    List<PendingSettlement> adopt() {
        List<PendingSettlement> adopted = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path left : files) {
                if (!left.equals(file)) {
                    adopted.addAll(adopt(left));
                }
            }
        } catch (IOException e) {
            LOG.error("settlements left in {} could not be read; they will be charged in full", directory, e);
        }
        return adopted;
    }

    private List<PendingSettlement> adopt(Path left) throws IOException {
        try (RandomAccessFile theirs = new RandomAccessFile(left.toFile(), "rw")) {
            if (theirs.getChannel().tryLock() == null) {
                return List.of();
            }
            SpoolLine.Lines lines = SpoolLine.read(Files.readString(left, StandardCharsets.ISO_8859_1));
            if (lines.corrupt() > 0) {
                corrupt.increment(lines.corrupt());
                LOG.error(
                        "{} settlements in {} are torn or altered; they will be charged in full",
                        lines.corrupt(),
                        left);
            }
            if (!lines.settlements().isEmpty()) {
                LOG.info(
                        "replaying {} settlements that PostgreSQL had not taken",
                        lines.settlements().size());
                if (!append(lines.settlements())) {
                    // It stays where it is; replaying it twice changes nothing.
                    return lines.settlements();
                }
                lines.settlements().forEach(each -> each.spooled = true);
            }
            Files.deleteIfExists(left);
            return lines.settlements();
        } catch (OverlappingFileLockException | NoSuchFileException e) {
            return List.of();
        }
    }

    /** Leaves the file if there is something in it. */
    @Override
    public void close() {
        try {
            if (length == 0) {
                Files.deleteIfExists(file);
            }
            if (content != null) {
                content.close();
            }
            SpoolDirectory.removeIfEmpty(directory);
        } catch (IOException e) {
            LOG.warn("the spool in {} could not be closed", directory, e);
        }
    }
}
