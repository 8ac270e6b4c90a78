package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the Dockerfile's last stage lays out, laid out by hand and run as it says: its user, its environment, its command, on a
 * program that nobody can change, with no shell in between.
 */
@EnabledOnOs(OS.LINUX)
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ContainerLayoutPackagedTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path BUILT = Path.of("target");

    @TempDir
    Path directory;

    private final Installation installation = new Installation();
    private Path app;
    private Path spool;
    private ImageRecipe image;

    @BeforeEach
    void layOut() throws IOException {
        image = ImageRecipe.read(Path.of("../Dockerfile"));
        app = Files.createDirectory(directory.resolve("app"));
        spool = Files.createDirectory(directory.resolve("spool"));
        Files.copy(BUILT.resolve("gateway-jetty-app.jar"), app.resolve("gateway-jetty-app.jar"));
        Path lib = Files.createDirectory(app.resolve("lib"));
        try (Stream<Path> jars = Files.list(BUILT.resolve("lib"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
        permit(directory, "rwxr-xr-x");
        permit(lib, "r-xr-xr-x");
        permit(app, "r-xr-xr-x");
        if (root()) {
            Files.setAttribute(spool, "unix:uid", 65532);
            Files.setAttribute(spool, "unix:gid", 65532);
        }
    }

    @AfterEach
    void takeAway() throws IOException {
        installation.close();
        permit(app, "rwxr-xr-x");
        permit(app.resolve("lib"), "rwxr-xr-x");
    }

    @Test
    void the_layout_of_the_image_serves_as_its_user_and_stops_when_told() throws Exception {
        Process process = start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            URI gateway = URI.create(String.valueOf(out.readLine()).replace("listening on ", ""));
            URI management = URI.create(String.valueOf(out.readLine()).replace("management on ", ""));

            assertThat(gateway.getHost()).isEqualTo("0.0.0.0");
            awaitReady(management);
            if (root()) {
                assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/status")))
                        .containsPattern("(?m)^Uid:\\s+65532\\s+65532\\s+65532")
                        .containsPattern("(?m)^CapEff:\\s+0+$")
                        .containsPattern("(?m)^NoNewPrivs:\\s+1$");
            }
            try (Stream<Path> written = Files.list(spool)) {
                assertThat(written).isNotEmpty();
            }

            process.destroy();

            assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>();
        if (root()) {
            String[] user = image.only("USER").split(":");
            command.addAll(List.of(
                    "setpriv",
                    "--reuid=" + user[0],
                    "--regid=" + user[1],
                    "--clear-groups",
                    "--bounding-set=-all",
                    "--no-new-privs"));
        }
        Stream.of(image.words("ENTRYPOINT"), image.words("CMD"))
                .flatMap(List::stream)
                .map(word -> word.equals("java") ? System.getProperty("java.home") + "/bin/java" : word)
                .map(word -> word.replace("/app/", app + "/"))
                .forEach(command::add);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(app.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", "/usr/bin");
        environment.putAll(image.environment());
        environment.putAll(installation.serveSettings());
        environment.put("SPOOL_DIRECTORY", spool.toString());
        return builder.start();
    }

    private static void awaitReady(URI management) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(management.resolve("/readyz")).build();
        HttpClient http = HttpClient.newHttpClient();
        long end = System.nanoTime() + PATIENCE.toNanos();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        while (answer.statusCode() != 200) {
            assertThat(System.nanoTime()).as(answer.body()).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static boolean root() {
        return System.getProperty("user.name").equals("root");
    }

    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
