package ai.neuronetz.gateway.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedSuccessfully;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.EventConditions.test;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GatewayExtensionTest {

    @Test
    void a_test_fails_by_what_its_gateway_left_open_and_the_next_one_does_not() {
        Events tests = run(OfAGatewayThatNeverSettles.class);

        tests.assertThatEvents()
                .haveExactly(
                        1,
                        event(
                                test("asks"),
                                finishedWithFailure(
                                        instanceOf(AssertionError.class),
                                        message(text -> text.contains("the reservation is still open")
                                                && text.contains("look at the Meter")))))
                .haveExactly(1, event(test("does_nothing"), finishedSuccessfully()));
    }

    @Test
    void a_test_that_means_to_leave_something_open_passes() {
        run(OfAGatewayThatMayLeaveItOpen.class)
                .assertThatEvents()
                .haveExactly(1, event(test("asks"), finishedSuccessfully()));
    }

    private static Events run(Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(tests))
                .execute()
                .testEvents();
    }

    private static void ask(TestGateway gateway) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(gateway.url().resolve("/api/chat"))
                .header("Authorization", "Bearer " + gateway.tenant().key().secret())
                .POST(HttpRequest.BodyPublishers.ofString(MockClient.CHAT))
                .build();
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding());
    }

    /** Only run by the tests above. */
    static class OfAGatewayThatNeverSettles {

        @RegisterExtension
        static final GatewayExtension GATEWAY =
                GatewayExtension.with(gateway -> gateway.settleWithin(Duration.ofMillis(300))
                        .pipeline(pipeline -> pipeline.wrapMeter(SecretiveMeter::new)));

        @Test
        void asks(TestGateway gateway) throws Exception {
            ask(gateway);
        }

        @Test
        void does_nothing() {}
    }

    /** Only run by the tests above. */
    static class OfAGatewayThatMayLeaveItOpen {

        @RegisterExtension
        final GatewayExtension gateway =
                GatewayExtension.with(gateway -> gateway.tolerate(TestGateway.Guard.OPEN_RESERVATIONS)
                        .pipeline(pipeline -> pipeline.wrapMeter(SecretiveMeter::new)));

        @Test
        void asks() throws Exception {
            ask(gateway.gateway());
        }
    }
}
