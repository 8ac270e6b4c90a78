package ai.neuronetz.gateway.app;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Commands whose last one runs until it is stopped. Closing kills it. */
final class Background implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ProcessHandle shell;
    private final Path printed;

    private Background(ProcessHandle shell, Path printed) {
        this.shell = shell;
        this.printed = printed;
    }

    static Background start(OperatorShell shell, String commands) throws IOException, InterruptedException {
        Path printed = Files.createTempFile("background", ".log");
        OperatorShell.Run run = shell.run("cat > background.sh <<'END'\n" + commands + "END\n{ bash -eu -o pipefail"
                + " -O expand_aliases background.sh || code=$?; echo \"ended with ${code:-0}\"; } > '" + printed
                + "' 2>&1 < /dev/null &\necho $!\n");
        long pid = Long.parseLong(run.printed().strip());
        return new Background(
                ProcessHandle.of(pid).orElseThrow(() -> new IllegalStateException("ended at once")), printed);
    }

    /** Waits until it has printed this. */
    MatchResult awaitPrinted(String regex) {
        Pattern pattern = Pattern.compile(regex);
        await(regex)
                .atMost(PATIENCE)
                .until(() -> !shell.isAlive() || pattern.matcher(printed()).find());
        Matcher found = pattern.matcher(printed());
        if (!found.find()) {
            throw new IllegalStateException("it only printed:\n" + printed());
        }
        return found.toMatchResult();
    }

    /** Sends SIGTERM to what runs; its exit code. */
    int stop() {
        shell.descendants()
                .filter(process -> process.children().findAny().isEmpty())
                .forEach(ProcessHandle::destroy);
        return Integer.parseInt(awaitPrinted("ended with (\\d+)\\n").group(1));
    }

    /** All it has printed, errors too. */
    String printed() {
        try {
            return Files.readString(printed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        shell.descendants().forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
        Files.deleteIfExists(printed);
    }
}
