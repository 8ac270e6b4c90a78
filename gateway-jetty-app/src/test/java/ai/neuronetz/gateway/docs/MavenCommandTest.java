package ai.neuronetz.gateway.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a page says of the build is there. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MavenCommandTest {

    private static final Pattern PROPERTY = Pattern.compile("-D([a-zA-Z][a-zA-Z.]*)");

    @Test
    void every_property_on_a_page_changes_something() {
        assertThat(Pages.all())
                .allSatisfy(page -> assertThat(
                                PROPERTY.matcher(Pages.read(page)).results().map(one -> one.group(1)))
                        .as(page.toString())
                        .allMatch(MavenCommand::isProperty));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "verify",
                "-Pchaos verify -pl gateway-testkit -am -DskipTests",
                "-pl gateway-core test -Dtest=Hostile*Test -Dfuzz.seed=1",
                "-pl examples/spring-boot-3 -am test -Dtest=DemoApplicationTests -Dsurefire.failIfNoSpecifiedTests=false",
                "-q -pl examples/tomcat -am compile exec:java"
            })
    void a_command_that_works_passes(String arguments) {
        assertThatCode(() -> check(arguments)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-DskipTests | no goal",
                "verfy | is no goal",
                "quick:run | is no goal",
                "--no-such-switch verify | is not known",
                "-Pquick verify | is no profile",
                "verify -pl | names no module",
                "verify -am -pl gateway-tests | is no module",
                "verify -pl gateway-servlet | needs gateway-core",
                "verify -Dno.such.prop=1 | changes nothing",
                "test -pl gateway-core -Dtest=NoSuch*Test | is no test",
                "test -pl gateway-core -Dtest=PagesTest | is no test",
                "test -am -pl gateway-jetty-app -Dtest=SnippetsTest | would fail",
                "-am -pl examples/service-test compile exec:java | no exec.mainClass"
            })
    void a_command_that_would_not_do_what_it_says_is_found(String arguments, String because) {
        assertThatThrownBy(() -> check(arguments))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(because);
    }

    private static void check(String arguments) {
        MavenCommand.check(List.of(arguments.split(" ")));
    }
}
