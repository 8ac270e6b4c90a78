package ai.neuronetz.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The API is kept for years: it changes when somebody changes the list, and not by the way. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PublicApiTest {

    private static final Path LISTS = Path.of("src/test/resources/api");
    private static final Path FOUND = Path.of("target/api");

    @Test
    void the_api_of_the_core_is_the_one_on_the_list() throws IOException {
        assertListed("gateway-core.txt", PublicApi.ofCore());
    }

    @Test
    void the_api_of_the_filter_is_the_one_on_the_list() throws IOException {
        assertListed("gateway-servlet.txt", PublicApi.ofServlet());
    }

    @Test
    void what_is_api_mentions_nothing_that_is_not() {
        assertThat(Stream.of(PublicApi.ofCore(), PublicApi.ofServlet())
                        .flatMap(api -> api.types().stream())
                        .flatMap(type -> Stream.concat(
                                        mentioned(type),
                                        PublicApi.members(type)
                                                .flatMap(member -> mentioned(member)
                                                        .map(other -> type.getName() + "." + member.getName() + ": "
                                                                + other)))
                                .distinct()))
                .isEmpty();
    }

    private static Stream<String> mentioned(JavaClass type) {
        return Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream())
                .filter(other -> !isForEmbedders(other))
                .map(other -> type.getName() + ": " + other.getName());
    }

    private static Stream<String> mentioned(JavaMember member) {
        Stream<JavaType> types = member instanceof JavaCodeUnit unit
                ? Stream.concat(unit.getParameterTypes().stream(), Stream.of(unit.getReturnType()))
                : Stream.empty();
        return types.flatMap(type -> type.getAllInvolvedRawTypes().stream())
                .map(JavaClass::getBaseComponentType)
                .filter(type -> !isForEmbedders(type))
                .map(JavaClass::getName);
    }

    private static boolean isForEmbedders(JavaClass type) {
        return type.isPrimitive()
                || type.getName().startsWith("java.")
                || type.getName().startsWith("jakarta.servlet.")
                || type.getName().equals("io.micrometer.core.instrument.MeterRegistry")
                || (type.getName().startsWith("ai.neuronetz.") && PublicApi.isApi(type));
    }

    private static void assertListed(String name, PublicApi api) throws IOException {
        Files.createDirectories(FOUND);
        Path found = Files.write(FOUND.resolve(name), api.lines());
        Path list = LISTS.resolve(name);

        assertThat(Files.exists(list) ? Files.readAllLines(list) : List.<String>of())
                .as("an intended change of the API: cp gateway-testkit/%s gateway-testkit/%s", found, list)
                .isEqualTo(api.lines());
    }
}
