package ai.neuronetz.gateway;

import ai.neuronetz.gateway.exchange.ClientExchange;

/** Runs the five stages, in this order and no other: authenticate, authorize, meter, forward, account. */
public abstract class GatewayPipeline implements AutoCloseable {

    /** Takes one exchange through the stages. Does not throw. */
    public abstract void serve(ClientExchange exchange);

    @Override
    public abstract void close();
}
