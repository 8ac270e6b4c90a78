package ai.neuronetz.gateway.testkit;

import static java.util.Objects.requireNonNull;

import java.util.function.UnaryOperator;
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

    private final Lifetime<TestGateway> gateway;

    public GatewayExtension() {
        this(UnaryOperator.identity());
    }

    private GatewayExtension(UnaryOperator<TestGateway.Builder> tune) {
        requireNonNull(tune, "tune");
        this.gateway = new Lifetime<>(
                "the gateway", () -> tune.apply(TestGateway.builder()).start(), TestGateway::close);
    }

    /** An extension whose gateway is set up by the test. */
    public static GatewayExtension with(UnaryOperator<TestGateway.Builder> tune) {
        return new GatewayExtension(tune);
    }

    /** @throws IllegalStateException outside a test */
    public TestGateway gateway() {
        return gateway.get();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        gateway.beforeAll(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        gateway.beforeEach();
        gateway.get().reset();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try {
            if (gateway.isRunning()) {
                gateway.get().verify();
            }
        } finally {
            gateway.afterEach();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        gateway.afterAll(context);
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
