package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.docs.CommandBlock;
import ai.neuronetz.gateway.docs.MavenCommand;
import ai.neuronetz.gateway.docs.Pages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Commands that build, and start what was built: a shell reads them, and what they name is looked for. */
final class BuildCommands implements AutoCloseable {

    private static final Pattern VARIABLE = Pattern.compile("(?m)(?:^| )([A-Z_]+)=");
    private static final Pattern COORDINATES = Pattern.compile(
            "(?s)</parent>.*?<artifactId>([^<]+)</artifactId>\\s*<version>([^<]+)</version>.*<artifactId>spring-boot-maven-plugin<");

    private final OperatorShell shell;

    BuildCommands(Path directory) throws IOException {
        shell = new OperatorShell(directory)
                .command("mvn", arguments -> {
                    MavenCommand.check(arguments);
                    return "checked\n";
                })
                .command("java", arguments -> {
                    if (arguments.size() != 2 || !isBuilt(Path.of(arguments.get(1)))) {
                        throw new IllegalArgumentException("no such jar is made: " + arguments);
                    }
                    return "checked\n";
                });
    }

    void run(CommandBlock block) throws Exception {
        check(block.text());
        if (VARIABLE.matcher(block.text()).find()) {
            String read = filesOf(Pages.ROOT.resolve(block.page()).resolveSibling("src/main"));
            assertThat(VARIABLE.matcher(block.text()).results().map(one -> one.group(1)))
                    .allMatch(name -> read.contains("\"" + name + "\"") || read.contains("${" + name + "}"));
        }
    }

    void check(String commands) throws Exception {
        OperatorShell.Run run = shell.run(commands);
        assertThat(run.exitCode()).as(run.printed()).isZero();
        assertThat(run.printed()).startsWith("checked");
    }

    /** Whether Boot's plugin makes this jar, which runs: it has the name that Maven gives it. */
    private static boolean isBuilt(Path jar) {
        Path module = jar.getParent().getParent();
        Matcher coordinates = COORDINATES.matcher(Pages.read(module.resolve("pom.xml")));
        return coordinates.find()
                && jar.equals(
                        module.resolve(Path.of("target", coordinates.group(1) + "-" + coordinates.group(2) + ".jar")));
    }

    private static String filesOf(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).map(Pages::read).collect(Collectors.joining());
        }
    }

    @Override
    public void close() {
        shell.close();
    }
}
