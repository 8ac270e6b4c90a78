package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Runs after packaging, on what users are given. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JarPackagedTest {

    private static final Path JAR = Path.of("target/gateway-jetty-app.jar");

    @Test
    void everything_on_the_jars_class_path_is_beside_it() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            String classPath = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);

            assertThat(classPath.split(" "))
                    .isNotEmpty()
                    .allSatisfy(entry -> assertThat(JAR.resolveSibling(entry)).isRegularFile());
        }
    }

    @Test
    void the_playground_is_in_the_jar() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(jar.getEntry("playground/index.html")).isNotNull();
        }
    }

    @Test
    void the_jar_runs_and_explains_itself() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        JAR.toString(),
                        "--help")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isZero();
        assertThat(said).startsWith("Usage: ").contains("serve", "create-key");
    }
}
