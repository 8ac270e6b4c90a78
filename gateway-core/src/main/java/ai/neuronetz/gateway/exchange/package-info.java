/**
 * One request and its answer, as the gateway sees them: what a client sent, what it is told, and why it was turned away.
 *
 * <p>Knows no server. {@link ai.neuronetz.gateway.exchange.ClientExchange} is what a container adapter implements.
 */
@NullMarked
package ai.neuronetz.gateway.exchange;

import org.jspecify.annotations.NullMarked;
