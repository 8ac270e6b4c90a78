package ai.neuronetz.gateway.testkit;

import static java.util.Objects.requireNonNull;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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

    private final Consumer<MockOllama.Builder> setup;
    private @Nullable MockOllama ollama;
    /** The class whose tests share one; null if each has its own. */
    private @Nullable String owner;

    public MockOllamaExtension() {
        this(builder -> {});
    }

    private MockOllamaExtension(Consumer<MockOllama.Builder> setup) {
        this.setup = requireNonNull(setup, "setup");
    }

    /** An extension whose mock is set up by the test. */
    public static MockOllamaExtension with(Consumer<MockOllama.Builder> setup) {
        return new MockOllamaExtension(setup);
    }

    /** @throws IllegalStateException outside a test */
    public MockOllama ollama() {
        MockOllama running = ollama;
        if (running == null) {
            throw new IllegalStateException("the mock runs only while a test does");
        }
        return running;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // A nested class goes on with that of the class around it.
        if (ollama == null) {
            start();
            owner = context.getUniqueId();
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (ollama == null) {
            start();
        }
        ollama().reset().clearRecord();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (owner == null) {
            stop();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (context.getUniqueId().equals(owner)) {
            owner = null;
            stop();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == MockOllama.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return ollama();
    }

    private void start() {
        MockOllama.Builder builder = MockOllama.builder();
        setup.accept(builder);
        ollama = builder.start();
    }

    private void stop() {
        if (ollama != null) {
            ollama.close();
            ollama = null;
        }
    }
}
