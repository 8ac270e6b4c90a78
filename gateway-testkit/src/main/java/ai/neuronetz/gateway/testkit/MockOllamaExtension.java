package ai.neuronetz.gateway.testkit;

import static java.util.Objects.requireNonNull;

import java.util.function.Consumer;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Runs a {@link MockOllama} for a JUnit test class: with {@code @ExtendWith}, or as a static field with
 * {@code @RegisterExtension}. As an instance field it runs one for each test.
 *
 * <p>Before each test it is back at its defaults, and its record is empty. It is a parameter of type {@link MockOllama}, or
 * {@link #ollama}, and is closed after the last test. Works with JUnit 5.12 and later. For tests that run one at a time.
 */
public final class MockOllamaExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {

    private final Lifetime<MockOllama> ollama;

    public MockOllamaExtension() {
        this(builder -> {});
    }

    private MockOllamaExtension(Consumer<MockOllama.Builder> setup) {
        requireNonNull(setup, "setup");
        this.ollama = new Lifetime<>("the mock", () -> start(setup), MockOllama::close);
    }

    /** An extension whose mock is set up by the test. */
    public static MockOllamaExtension with(Consumer<MockOllama.Builder> setup) {
        return new MockOllamaExtension(setup);
    }

    /** @throws IllegalStateException outside a test */
    public MockOllama ollama() {
        return ollama.get();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        ollama.beforeAll(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        ollama.beforeEach();
        ollama.get().reset().clearRecord();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        ollama.afterEach();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        ollama.afterAll(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == MockOllama.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return ollama();
    }

    private static MockOllama start(Consumer<MockOllama.Builder> setup) {
        MockOllama.Builder builder = MockOllama.builder();
        setup.accept(builder);
        return builder.start();
    }
}
