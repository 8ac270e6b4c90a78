package ai.neuronetz.gateway.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.concurrent.TimeUnit;

/**
 * A shell as an operator sits in front of it: bash, in a directory of its own. {@code gateway} is the program of this build in a
 * process of its own; {@code sudo} runs what follows; other commands that act on the machine are given by the test.
 *
 * <p>Blocks run one after the other, each in a new bash that stops at the first failure.
 */
final class OperatorShell implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final Path programs;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<String, String> places = new LinkedHashMap<>();
    private final HttpServer machine;
    private String before = "";

    /** What a block printed, errors after the rest, and its exit code. */
    record Run(int exitCode, String printed) {}

    /** A command that acts on the test's machine. */
    interface Command {

        /** What it prints; an exception fails it. */
        String run(List<String> arguments) throws Exception;
    }

    OperatorShell(Path directory) throws IOException {
        this.directory = directory;
        this.programs = Files.createDirectory(directory.resolve(".programs"));
        this.machine = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        machine.start();
        java("gateway", GatewayMain.class.getName());
        program("sudo", "if [ \"$1\" = -u ]; then shift 2; fi\nexec \"$@\"");
    }

    OperatorShell with(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    /** What the pages call so is elsewhere here: {@code 127.0.0.1:8081}, say, or {@code /etc/neuronetz-gateway}. */
    OperatorShell at(String onThePage, String here) {
        places.put(onThePage, here);
        return this;
    }

    /** What every block finds defined: a function that a page gives its reader. */
    OperatorShell before(String definitions) {
        before = definitions;
        return this;
    }

    /** Answers a command of this name. */
    OperatorShell command(String name, Command command) throws IOException {
        machine.createContext("/" + name, exchange -> answer(exchange, command));
        program(
                name,
                "printf '%s\\0' \"$@\" | curl -sS --fail-with-body --data-binary @- http://127.0.0.1:"
                        + machine.getAddress().getPort() + "/" + name);
        return this;
    }

    Path directory() {
        return directory;
    }

    /** What a page says, at the places of this test. */
    private String here(String text) {
        for (Entry<String, String> place : places.entrySet()) {
            text = text.replace(place.getKey(), place.getValue());
        }
        return text;
    }

    Run run(String commands) throws IOException, InterruptedException {
        String block = here(before + commands);
        Path printed = Files.createTempFile(programs, "printed", "");
        ProcessBuilder bash = new ProcessBuilder("bash", "-euo", "pipefail", "-c", block)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile());
        bash.environment().clear();
        bash.environment().put("PATH", programs + ":" + System.getenv("PATH"));
        bash.environment().put("HOME", directory.toString());
        bash.environment().put("LANG", "C.UTF-8");
        bash.environment().putAll(environment);
        Process process = bash.start();
        process.getOutputStream().close();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new IllegalStateException("not done within " + PATIENCE + ": " + block);
        }
        return new Run(process.exitValue(), Files.readString(printed));
    }

    @Override
    public void close() {
        machine.stop(0);
    }

    /** Stands in for jars that only a package has: their main classes, by the path that the pages give. */
    OperatorShell jars(Map<String, String> mainClasses) throws IOException {
        StringBuilder cases = new StringBuilder();
        mainClasses.forEach((jar, main) -> cases.append("'-jar " + jar + "') shift 2\n" + launch(main) + " ;;\n"));
        return program("java", "case \"$1 $2\" in\n" + cases + "*) echo \"no such jar: $*\" >&2; exit 1 ;;\nesac");
    }

    /** A program of this name, given as a script. */
    OperatorShell program(String name, String text) throws IOException {
        Path file = programs.resolve(name);
        Files.writeString(file, "#!/usr/bin/env bash\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return this;
    }

    /** A main class of this build as a program, in a JVM that is made to end soon. */
    OperatorShell java(String name, String mainClass) throws IOException {
        return program(name, launch(mainClass));
    }

    private static String launch(String mainClass) {
        return "exec '" + Path.of(System.getProperty("java.home"), "bin", "java") + "' -XX:TieredStopAtLevel=1"
                + " -XX:+UseSerialGC -Xmx128m -cp '" + System.getProperty("java.class.path") + "' " + mainClass
                + " \"$@\"";
    }

    private static void answer(HttpExchange exchange, Command command) throws IOException {
        int status = 200;
        String answer;
        try (InputStream body = exchange.getRequestBody()) {
            String arguments = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            answer = command.run(new ArrayList<>(List.of(arguments.split("\0"))));
        } catch (Exception e) {
            status = 500;
            answer = e + "\n";
        }
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
