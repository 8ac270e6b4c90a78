package ai.neuronetz.gateway.testkit;

import ai.neuronetz.gateway.access.Authorization;
import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.access.ModelLookup;
import ai.neuronetz.gateway.access.VisibleModels;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.ollama.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/** An authorizer that permits everything and takes the client's word for it. */
final class CarelessAuthorizer implements Authorizer {

    private final String model;
    private final int inputBound;
    private final UnaryOperator<String> rewriting;

    CarelessAuthorizer(String model, int inputBound, UnaryOperator<String> rewriting) {
        this.model = model;
        this.inputBound = inputBound;
        this.rewriting = rewriting;
    }

    @Override
    public Authorization authorize(Principal principal, Endpoint endpoint, byte[] body) {
        byte[] written =
                rewriting.apply(new String(body, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
        return new Authorization.Granted(
                new Grant(endpoint, model, written, false, false, false, inputBound, 100, List.of()));
    }

    @Override
    public VisibleModels visible(Principal principal) {
        return new VisibleModels.Known(List.of(), "0");
    }

    @Override
    public ModelLookup find(Principal principal, String name) {
        return new ModelLookup.Refused(Denial.of(Reason.MODEL_NOT_PERMITTED));
    }
}
