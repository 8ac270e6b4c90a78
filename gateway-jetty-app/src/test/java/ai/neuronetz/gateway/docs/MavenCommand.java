package ai.neuronetz.gateway.docs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A call of {@code mvn} that a page tells its reader: a build cannot run in a build, but what the call names can be looked for. */
public final class MavenCommand {

    private static final Set<String> PHASES = Set.of("clean", "compile", "test", "package", "verify");
    private static final Set<String> SWITCHES = Set.of("-am", "-q");

    /** What plugins and libraries understand; nothing in the project's own files says so. */
    private static final Set<String> OTHERS_PROPERTIES =
            Set.of("skipTests", "test", "surefire.failIfNoSpecifiedTests", "exec.args", "logback.configurationFile");

    private static final Pattern OWN_MODULE = Pattern.compile("<artifactId>(gateway-[a-z-]+)</artifactId>");
    private static final String POMS = text("pom.xml");
    private static final String SOURCES = text(".java");

    private final List<Path> modules = new ArrayList<>();
    private final List<String> goals = new ArrayList<>();
    private final List<String> properties = new ArrayList<>();
    private boolean withOthers;
    private String tests = "";

    private MavenCommand(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("-pl")) {
                i++;
                require(i < arguments.size(), "-pl names no module");
                Stream.of(arguments.get(i).split(",")).map(Pages.ROOT::resolve).forEach(modules::add);
            } else if (argument.startsWith("-P")) {
                require(POMS.contains("<id>" + argument.substring(2) + "</id>"), argument + " is no profile");
            } else if (argument.startsWith("-D")) {
                property(argument.substring(2));
            } else if (argument.startsWith("-")) {
                require(SWITCHES.contains(argument), argument + " is not known");
                withOthers |= argument.equals("-am");
            } else {
                goals.add(argument);
            }
        }
    }

    /** @throws IllegalArgumentException if the call could not do what it seems to */
    public static void check(List<String> arguments) {
        new MavenCommand(arguments).check();
    }

    /** Whether {@code -D} of that name changes anything. */
    static boolean isProperty(String name) {
        return OTHERS_PROPERTIES.contains(name)
                || POMS.contains("<" + name + ">")
                || POMS.contains("<" + name + "/>")
                || POMS.contains("${" + name + "}")
                || POMS.contains("<name>" + name + "</name>")
                || SOURCES.contains("\"" + name + "\"");
    }

    private void property(String assignment) {
        String name = assignment.replaceFirst("=.*", "");
        properties.add(name);
        if (name.equals("test")) {
            tests = assignment.substring("test=".length());
        }
    }

    private void check() {
        require(!goals.isEmpty(), "no goal");
        goals.forEach(MavenCommand::checkGoal);
        properties.forEach(name -> require(isProperty(name), "-D" + name + " changes nothing"));
        modules.forEach(module -> require(Files.isRegularFile(module.resolve("pom.xml")), module + " is no module"));
        if (!withOthers) {
            modules.forEach(this::checkDependencies);
        }
        if (!tests.isEmpty()) {
            checkTests();
        }
        if (goals.contains("exec:java")) {
            modules.forEach(MavenCommand::checkMain);
        }
    }

    private static void checkGoal(String goal) {
        String plugin = "<artifactId>" + goal.replaceFirst(":.*", "") + "-maven-plugin</artifactId>";
        require(goal.contains(":") ? POMS.contains(plugin) : PHASES.contains(goal), goal + " is no goal");
    }

    /** In a fresh clone nothing of the project is in a repository. */
    private void checkDependencies(Path module) {
        Set<String> built =
                modules.stream().map(one -> one.getFileName().toString()).collect(Collectors.toSet());
        Matcher dependency = OWN_MODULE.matcher(Pages.read(module.resolve("pom.xml")));
        while (dependency.find()) {
            require(built.contains(dependency.group(1)), module + " needs " + dependency.group(1) + ": -am is missing");
        }
    }

    private void checkTests() {
        Pattern name = Pattern.compile(".*/" + tests.replace("*", "\\w*") + "\\.java");
        List<Path> places = modules.isEmpty()
                ? List.of(Pages.ROOT)
                : modules.stream().map(MavenCommand::sources).toList();
        require(
                Pages.files(".java").stream()
                        .filter(file -> places.stream().anyMatch(file::startsWith))
                        .anyMatch(file -> name.matcher(file.toString()).matches()),
                tests + " is no test of " + places);
        require(
                (!withOthers && modules.size() == 1) || properties.contains("surefire.failIfNoSpecifiedTests"),
                "a module without " + tests + " would fail");
    }

    /** The module itself, or that whose sources its pom takes. */
    private static Path sources(Path module) {
        Matcher elsewhere = Pattern.compile("<testSourceDirectory>\\$\\{project.basedir}/([^<]+)</testSourceDirectory>")
                .matcher(Pages.read(module.resolve("pom.xml")));
        return elsewhere.find() ? module.resolve(elsewhere.group(1)).normalize() : module;
    }

    private static void checkMain(Path module) {
        Matcher main = Pattern.compile("<exec.mainClass>([^<]+)</exec.mainClass>")
                .matcher(Pages.read(module.resolve("pom.xml")));
        require(main.find(), module + " says no exec.mainClass");
        Path source = module.resolve("src/main/java/" + main.group(1).replace('.', '/') + ".java");
        require(Files.isRegularFile(source) && Pages.read(source).contains(" main(String"), source + " has no main");
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private static String text(String ending) {
        return Pages.files(ending).stream().map(Pages::read).collect(Collectors.joining("\n"));
    }
}
