package ai.neuronetz.gateway.testkit;

import static java.util.Objects.requireNonNull;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Runs a whole gateway for a JUnit test class: with {@code @ExtendWith}, or as a static field with
 * {@code @RegisterExtension}. As an instance field it runs one for each test.
 *
 * <p>Before each test the mock Ollama is back at its defaults and its record empty. After each the test fails if the gateway did
 * not keep its guarantees: if a reservation or a stream is left open, or Ollama got what it should not have; see
 * {@link TestGateway.Guard} for all of it, and {@link TestGateway.Builder#tolerate} for tests that mean to do one of these.
 *
 * <p>The running gateway is a parameter of type {@link TestGateway}, or {@link #gateway}. Works with JUnit 5.12 and later. For
 * tests that run one at a time.
 */
public final class GatewayExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {

    private final UnaryOperator<TestGateway.Builder> tune;
    private @Nullable TestGateway gateway;
    /** The class whose tests share one; null if each has its own. */
    private @Nullable String owner;

    public GatewayExtension() {
        this(UnaryOperator.identity());
    }

    private GatewayExtension(UnaryOperator<TestGateway.Builder> tune) {
        this.tune = requireNonNull(tune, "tune");
    }

    /** An extension whose gateway is set up by the test. */
    public static GatewayExtension with(UnaryOperator<TestGateway.Builder> tune) {
        return new GatewayExtension(tune);
    }

    /** @throws IllegalStateException outside a test */
    public TestGateway gateway() {
        TestGateway running = gateway;
        if (running == null) {
            throw new IllegalStateException("the gateway runs only while a test does");
        }
        return running;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // A nested class goes on with that of the class around it.
        if (gateway == null) {
            start();
            owner = context.getUniqueId();
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (gateway == null) {
            start();
        }
        gateway().reset();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try {
            if (gateway != null) {
                gateway.verify();
            }
        } finally {
            if (owner == null) {
                stop();
            }
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (context.getUniqueId().equals(owner)) {
            owner = null;
            stop();
        }
    }

    private void start() {
        gateway = tune.apply(TestGateway.builder()).start();
    }

    private void stop() {
        if (gateway != null) {
            gateway.close();
            gateway = null;
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestGateway.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return gateway();
    }
}
