package ai.neuronetz.gateway.app;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests one {@link ClientStage} for all classes of a run, back as it was before each test. */
final class SharedClientStage implements ParameterResolver, BeforeEachCallback {

    @Override
    public void beforeEach(ExtensionContext context) {
        stage(context).reset();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ClientStage.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return stage(context);
    }

    /** Closed by JUnit at the end of the run. */
    private static ClientStage stage(ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(ClientStage.class, type -> start(), ClientStage.class);
    }

    private static ClientStage start() {
        try {
            return new ClientStage();
        } catch (Exception e) {
            throw new IllegalStateException("no stage for clients", e);
        }
    }
}
