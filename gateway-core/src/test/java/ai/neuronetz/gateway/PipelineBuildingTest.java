package ai.neuronetz.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.metering.Meter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an embedder gets wrong is told when the pipeline is built, by the name of the part. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PipelineBuildingTest {

    private static final String NOWHERE = "postgresql://gateway_app:secret@127.0.0.1:1/gateway";

    private final ScriptedStages stages = new ScriptedStages();

    /** Other tests' pipelines. */
    private final Set<Thread> before = Thread.getAllStackTraces().keySet();

    @Test
    void a_database_that_is_missing_is_named_with_the_parts_that_need_it() {
        assertThatThrownBy(() -> GatewayPipeline.open(GatewaySettings.builder().build()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("DATABASE_URL is not set, but the gateway's own authenticator, meter, auditLog cannot do"
                        + " without it; set GatewaySettings.databaseUrl, or bring your own authenticator, meter,"
                        + " auditLog");
    }

    @Test
    void an_own_meter_without_a_database_is_told_that_the_audit_log_needs_one() {
        assertThatThrownBy(
                        () -> GatewayPipeline.builder(GatewaySettings.builder().build())
                                .authenticator(stages)
                                .meter(new NoMeter())
                                .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("DATABASE_URL is not set, but the gateway's own auditLog cannot do without it; set"
                        + " GatewaySettings.databaseUrl, or bring your own auditLog");
    }

    @Test
    void redis_and_pepper_are_named_before_anything_is_opened() {
        GatewaySettings.Builder settings = GatewaySettings.builder().databaseUrl(NOWHERE);

        assertThatThrownBy(() -> GatewayPipeline.open(settings.build()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("REDIS_URL is not set, but the gateway's own authenticator, meter cannot");
        settings.redisUrl("redis://127.0.0.1:1");
        assertThatThrownBy(() -> GatewayPipeline.open(settings.build()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("KEY_PEPPER is not set, but the gateway's own authenticator cannot");
        assertThat(threads()).isEmpty();
    }

    @Test
    void callers_whom_the_host_knows_need_no_pepper() {
        GatewaySettings settings =
                GatewaySettings.builder().databaseUrl(NOWHERE).build();

        assertThatThrownBy(() -> GatewayPipeline.builder(settings)
                        .callers(request -> Optional.of(new KeyId("AAAAAAAAAAAA")))
                        .build())
                .as("neither do they need Redis, but the meter does")
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("REDIS_URL is not set, but the gateway's own meter cannot");
    }

    static Stream<Arguments> contradictions() {
        return Stream.of(
                wrong("authenticator is called twice", builder -> builder.authenticator(new ScriptedStages())),
                wrong(
                        "upstream and wrapUpstream are both called",
                        builder -> builder.wrapUpstream(UnaryOperator.identity())),
                wrong("meter and wrapMeter are both called", builder -> builder.wrapMeter(UnaryOperator.identity())),
                wrong(
                        "callers and authenticator are both called",
                        builder -> builder.callers(request -> Optional.empty()).build()),
                wrong(
                        "callers is called twice",
                        builder -> builder.callers(request -> Optional.empty()).callers(request -> Optional.empty())),
                wrong(
                        "usageListener is called twice",
                        builder -> builder.usageListener(usage -> {}).usageListener(usage -> {})),
                wrong("this builder has built", builder -> {
                    builder.build().close();
                    builder.build();
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contradictions")
    void what_contradicts_itself_is_no_pipeline(String message, Consumer<GatewayPipelineBuilder> mistake) {
        assertThatThrownBy(() -> mistake.accept(stages.builder()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(message);
        assertThat(threads()).isEmpty();
    }

    @Test
    void a_wrapper_is_given_our_own_stage_and_must_return_one() {
        UnaryOperator<Meter> nothing = meter -> null;

        assertThatThrownBy(() -> wrapped(nothing).build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("wrapMeter failed: its function returned null;");
        assertThatThrownBy(() -> wrapped(meter -> {
                            throw new IllegalStateException("secret");
                        })
                        .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("wrapMeter failed: its function threw java.lang.IllegalStateException");
        assertThat(threads())
                .as("what was opened before the wrapper was asked is closed again")
                .isEmpty();
    }

    @Test
    void what_the_embedder_brought_to_a_pipeline_that_was_not_built_is_left_to_them() {
        assertThatThrownBy(
                        () -> GatewayPipeline.builder(GatewaySettings.builder().build())
                                .upstream(stages)
                                .build())
                .isInstanceOf(ConfigurationException.class);

        assertThat(stages.events).doesNotContain("close");
    }

    @Test
    void a_part_that_fails_to_close_keeps_no_other_from_closing() {
        stages.closing = () -> {
            throw new IllegalStateException("unforeseen");
        };
        GatewayPipeline pipeline = stages.builder().usageListener(usage -> {}).build();
        assertThat(running()).contains("gateway-usage-listener");

        pipeline.close();
        pipeline.close();

        assertThat(stages.events).containsOnlyOnce("close");
        assertThat(threads()).isEmpty();
    }

    private static GatewayPipelineBuilder wrapped(UnaryOperator<Meter> wrapper) {
        ScriptedStages others = new ScriptedStages();
        others.settings.databaseUrl(NOWHERE).redisUrl("redis://127.0.0.1:1");
        return GatewayPipeline.builder(others.settings.build())
                .authenticator(others)
                .authorizer(others)
                .wrapMeter(wrapper)
                .upstream(others);
    }

    private static Arguments wrong(String message, Consumer<GatewayPipelineBuilder> mistake) {
        return Arguments.of(message, mistake);
    }

    /** The threads of pipelines of this test, when those that were told to end have had time for it. */
    private List<String> threads() {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        List<String> running = running();
        while (!running.isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            running = running();
        }
        return running;
    }

    private List<String> running() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.startsWith("gateway-"))
                .toList();
    }
}
