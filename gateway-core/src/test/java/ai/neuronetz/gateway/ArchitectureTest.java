package ai.neuronetz.gateway;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Reservation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchitectureTest {

    private static final String ROOT = "ai.neuronetz.gateway";

    /** In the order in which a reader meets them. */
    private static final List<String> STAGES =
            List.of("exchange", "ollama", "identity", "access", "metering", "upstream", "accounting", "prompts");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void a_stage_knows_only_the_stages_before_it() {
        for (int stage = 0; stage < STAGES.size(); stage++) {
            String[] later = STAGES.subList(stage + 1, STAGES.size()).stream()
                    .map(name -> ROOT + "." + name + "..")
                    .toArray(String[]::new);
            if (later.length > 0) {
                noClasses()
                        .that()
                        .resideInAPackage(ROOT + "." + STAGES.get(stage) + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(later)
                        .because("a reader should meet each stage with only the earlier ones in mind")
                        .check(CLASSES);
            }
        }
    }

    @Test
    void stages_do_not_know_what_is_composed_of_them() {
        noClasses()
                .that(not(resideInAPackage(ROOT))
                        .and(not(resideInAnyPackage(ROOT + ".redis..", ROOT + ".postgres..", ROOT + ".admin.."))))
                .should()
                .dependOnClassesThat(resideInAnyPackage(ROOT + ".redis..", ROOT + ".postgres..", ROOT + ".admin..")
                        .or(resideInAPackage(ROOT)
                                .and(not(JavaClass.Predicates.equivalentTo(ConfigurationException.class)))
                                .and(not(JavaClass.Predicates.equivalentTo(Internal.class)))))
                .because("stores implement what the stages ask for, and the root package puts them together")
                .check(CLASSES);
    }

    @Test
    void the_library_knows_no_server() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.servlet..", "org.eclipse.jetty..", "org.apache.catalina..")
                .because("gateway-core is embedded in other people's servers")
                .check(CLASSES);
    }

    @Test
    void each_store_has_one_package_that_speaks_to_it() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".redis..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.redisson..", "io.netty..")
                .because("Redis is the authority for what is counted per minute, and nothing else")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".postgres..", ROOT + ".admin..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.postgresql..", "org.jdbi..", "org.flywaydb..", "com.zaxxer..", "java.sql..")
                .because("PostgreSQL is the authority for budgets, keys and the audit log")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".upstream..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.hc..")
                .because("only the fourth stage sends anything to Ollama")
                .check(CLASSES);
    }

    @Test
    void only_a_meter_makes_a_reservation() {
        Set<String> makers = CLASSES.get(Reservation.class).getConstructors().stream()
                .flatMap(constructor -> constructor.getCallsOfSelf().stream())
                .map(JavaConstructorCall::getOriginOwner)
                .map(JavaClass::getName)
                .collect(Collectors.toSet());

        assertThat(makers).containsExactly(Meter.class.getName());
    }

    @Test
    void deciding_stages_are_plain_synchronous_code() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(ROOT + ".identity..", ROOT + ".access..", ROOT + ".metering..")
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .should()
                .notHaveRawReturnType(CompletionStage.class)
                .because("only forward is evented; a decision is a value and not a promise of one")
                .check(CLASSES);
    }

    @Test
    void every_package_is_null_marked() {
        classes()
                .should(new com.tngtech.archunit.lang.ArchCondition<>("reside in a package that is @NullMarked") {
                    @Override
                    public void check(JavaClass type, com.tngtech.archunit.lang.ConditionEvents events) {
                        boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
                        events.add(new com.tngtech.archunit.lang.SimpleConditionEvent(
                                type, marked, type.getPackageName() + " of " + type.getName()));
                    }
                })
                .because("the null checks of the build look only at what is marked")
                .check(CLASSES);
    }
}
