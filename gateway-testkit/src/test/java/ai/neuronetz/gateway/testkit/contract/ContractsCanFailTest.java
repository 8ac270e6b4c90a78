package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ContractsCanFailTest {

    @ParameterizedTest
    @MethodSource
    void a_mistake_fails_the_tests_of_what_it_breaks_and_no_others(Class<?> wrong, List<String> broken) {
        Events tests = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(wrong))
                .execute()
                .testEvents();

        assertThat(tests.failed().map(event -> event.getTestDescriptor().getDisplayName()))
                .containsExactlyInAnyOrderElementsOf(broken);
        assertThat(tests.succeeded().count()).isPositive();
    }

    static Stream<Arguments> a_mistake_fails_the_tests_of_what_it_breaks_and_no_others() {
        return Stream.of(
                wrong(
                        WrongStages.ThrowingAuthenticator.class,
                        "nobody and nonsense are refused with a value and not with an exception",
                        "a refusal repeats nothing of what was sent"),
                wrong(
                        WrongStages.TalkativeAuthorizer.class,
                        "a forbidden and a missing model and no name at all are one answer"),
                wrong(WrongStages.InventiveCatalog.class, "details of a model that is not installed are empty"),
                wrong(
                        WrongStages.CheckThenChargeMeter.class,
                        "requests at the same time never reserve more than there is",
                        "what was charged is spent and the rest of the reservation is there again"),
                wrong(WrongStages.GreedyUpstream.class, "nothing is read far ahead of the demand"),
                wrong(
                        WrongStages.CredulousUpstream.class,
                        "an answer that breaks off is one failure and no end and is not asked for again"),
                wrong(WrongStages.TrustingAccountant.class, "what was forwarded is never free"),
                wrong(
                        WrongStores.ForgetfulAuditLog.class,
                        "a denial is written down with and without a model",
                        "denials of many threads are all written down"),
                wrong(WrongStores.CachingKeyStore.class, "a revoked key is unusable from the next question on"),
                wrong(WrongStores.AgelessLedger.class, "nothing is admitted under an epoch that has ended"),
                wrong(WrongStores.OptimisticGate.class, "a tenant it has never heard of is unknown and not unused"),
                wrong(
                        WrongStores.CrowdedFailures.class,
                        "a source is barred from its last failure on and others are not"));
    }

    private static Arguments wrong(Class<?> contract, String... broken) {
        return arguments(contract, List.of(broken));
    }
}
