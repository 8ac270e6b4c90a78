package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The posture that the container files promise, read from the files: no engine is needed. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ContainerFilesTest {

    private static final Path ROOT = Path.of("..");
    private static final String PRODUCTION = "docker-compose.yml";
    private static final String DEMO = "demo/docker-compose.demo.yml";
    private static final Set<String> OURS = Set.of("gateway", "migrate", "cli", "mock-ollama");

    @ParameterizedTest
    @ValueSource(strings = {PRODUCTION, DEMO})
    void only_the_gateway_has_a_port_and_only_on_this_machine(String file) throws IOException {
        services(file).forEach((name, service) -> {
            if (name.equals("gateway")) {
                assertThat(list(service, "ports"))
                        .hasSize(1)
                        .allSatisfy(port ->
                                assertThat(port).startsWith("127.0.0.1:").endsWith(":8080"));
            } else {
                assertThat(service).describedAs(name).doesNotContainKey("ports");
            }
            assertThat(service)
                    .describedAs(name)
                    .doesNotContainKeys("network_mode", "privileged", "devices", "pid", "cap_add");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {PRODUCTION, DEMO})
    void what_is_ours_runs_read_only_without_capabilities_or_new_privileges(String file) throws IOException {
        services(file).forEach((name, service) -> {
            if (OURS.contains(name)) {
                assertThat(service)
                        .describedAs(name)
                        .containsEntry("read_only", true)
                        .containsEntry("cap_drop", List.of("ALL"))
                        .doesNotContainKey("user");
                assertThat(list(service, "security_opt")).describedAs(name).containsExactly("no-new-privileges:true");
            }
        });
    }

    @Test
    void ollama_and_the_stores_are_on_networks_that_lead_nowhere() throws IOException {
        Map<String, Object> networks = map(compose(PRODUCTION).get("networks"));
        Map<String, Map<String, Object>> services = services(PRODUCTION);

        for (String name : List.of("ollama", "postgres", "redis", "migrate", "cli")) {
            assertThat(list(services.get(name), "networks"))
                    .describedAs(name)
                    .isNotEmpty()
                    .allSatisfy(
                            network -> assertThat(map(networks.get(network))).containsEntry("internal", true));
        }
        assertThat(list(services.get("ollama"), "networks"))
                .doesNotContainAnyElementsOf(list(services.get("postgres"), "networks"));
    }

    @Test
    void secrets_are_files_and_each_service_is_given_those_it_names_and_no_other() throws IOException {
        Set<String> declared = map(compose(PRODUCTION).get("secrets")).keySet();
        services(PRODUCTION).forEach((name, service) -> {
            List<String> given = list(service, "secrets");
            assertThat(declared).describedAs(name).containsAll(given);
            Set<String> used = Stream.concat(environment(service).values().stream(), list(service, "command").stream())
                    .filter(value -> value.startsWith("/run/secrets/"))
                    .map(value -> value.substring("/run/secrets/".length()))
                    .collect(Collectors.toSet());
            assertThat(used).describedAs(name).containsExactlyInAnyOrderElementsOf(given);
            environment(service).forEach((variable, value) -> {
                if (variable.matches(".*(PASSWORD|PEPPER|KEY|SECRET|TOKEN).*")) {
                    assertThat(variable).endsWith("_FILE");
                }
                assertThat(value).doesNotMatch(".*://[^/]*:[^/]*@.*");
            });
        });
        String page = Files.readString(ROOT.resolve("docs/DEPLOYMENT.md"));
        assertThat(declared).allSatisfy(secret -> assertThat(page).contains(secret));
    }

    @ParameterizedTest
    @ValueSource(strings = {PRODUCTION, DEMO})
    void every_variable_is_a_setting_and_every_command_one_of_ours(String file) throws IOException {
        services(file).forEach((name, service) -> {
            if (OURS.contains(name) && !name.equals("mock-ollama")) {
                assertThat(settings())
                        .describedAs(name)
                        .containsAll(environment(service).keySet());
                list(service, "command").stream().limit(1).forEach(ContainerFilesTest::assertIsACommand);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"Dockerfile", "demo/mock-ollama/Dockerfile"})
    void an_image_runs_without_root_and_without_a_shell(String file) throws IOException {
        ImageRecipe image = ImageRecipe.read(ROOT.resolve(file));

        assertThat(image.only("USER")).isEqualTo("65532:65532");
        assertThat(image.words("ENTRYPOINT")).startsWith("java", "-jar");
        assertThat(image.words("CMD")).isNotEmpty();
        assertThat(image.all("RUN")).isEmpty();
        assertThat(image.all("COPY")).allSatisfy(copy -> assertThat(copy).contains("--from=build"));
    }

    @Test
    void the_image_knows_only_settings_and_commands_that_there_are() throws IOException {
        ImageRecipe image = ImageRecipe.read(ROOT.resolve("Dockerfile"));

        assertThat(settings())
                .containsAll(image.environment().keySet().stream()
                        .filter(variable -> !variable.equals("JAVA_TOOL_OPTIONS"))
                        .toList());
        assertThat(image.environment()).containsEntry("MANAGEMENT_HOST", "127.0.0.1");
        assertIsACommand(image.words("CMD").get(0));
        List<String> health = image.words("HEALTHCHECK");
        assertThat(health).startsWith("java").endsWith("-jar", "/app/gateway-jetty-app.jar", "health");
        assertIsACommand("health");
    }

    @Test
    void no_secret_and_nothing_built_goes_into_the_build_but_the_playground_does() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve(".dockerignore")))
                .contains("secrets", "**/target", ".git", ".demo")
                .noneMatch(line -> line.contains("playground"));
    }

    private static void assertIsACommand(String name) {
        CommandRun run = new CommandRun(new InMemoryAdministration());
        assertThat(run.execute(name, "--help")).describedAs(name).isZero();
    }

    private static Set<String> settings() {
        return Arrays.stream(Setting.values())
                .flatMap(setting -> Stream.of(setting.name(), setting.fileVariable()))
                .collect(Collectors.toSet());
    }

    private static Map<String, String> environment(Map<String, Object> service) {
        Map<String, String> environment = new TreeMap<>();
        map(service.getOrDefault("environment", Map.of())).forEach((name, value) -> environment.put(name, "" + value));
        return environment;
    }

    private static List<String> list(Map<String, Object> service, String name) {
        List<String> list = new ArrayList<>();
        if (service.get(name) instanceof List<?> values) {
            values.forEach(value -> list.add(String.valueOf(value)));
        }
        return list;
    }

    private static Map<String, Map<String, Object>> services(String file) throws IOException {
        Map<String, Map<String, Object>> services = new TreeMap<>();
        map(compose(file).get("services")).forEach((name, service) -> services.put(name, map(service)));
        return services;
    }

    private static Map<String, Object> compose(String file) throws IOException {
        return map(new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(ROOT.resolve(file))));
    }

    private static Map<String, Object> map(Object value) {
        Map<String, Object> map = new TreeMap<>();
        ((Map<?, ?>) value).forEach((name, child) -> map.put(String.valueOf(name), child));
        return map;
    }
}
