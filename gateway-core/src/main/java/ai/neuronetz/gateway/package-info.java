/**
 * The gateway's front door: a request comes in as a {@link ai.neuronetz.gateway.exchange.ClientExchange}, and
 * {@link ai.neuronetz.gateway.GatewayPipeline} takes it through five stages.
 *
 * <p>Each stage has a package of its own, named for what the stage knows:
 *
 * <ol>
 *   <li>{@link ai.neuronetz.gateway.identity} says who is calling;
 *   <li>{@link ai.neuronetz.gateway.access} says whether they may, and writes what Ollama will be sent;
 *   <li>{@link ai.neuronetz.gateway.metering} reserves the tokens, durably;
 *   <li>{@link ai.neuronetz.gateway.upstream} sends it, and nothing that was not reserved;
 *   <li>{@link ai.neuronetz.gateway.accounting} settles what was really used.
 * </ol>
 *
 * <p>A package may use the ones above it, never the ones below. {@link ai.neuronetz.gateway.exchange} and
 * {@link ai.neuronetz.gateway.ollama} come before them all; {@link ai.neuronetz.gateway.redis} and
 * {@link ai.neuronetz.gateway.postgres} hold what each store is the authority for; {@link ai.neuronetz.gateway.admin} is
 * what the command line does. {@link ai.neuronetz.gateway.prompts} is no stage: it keeps what keys that opted in asked.
 *
 * <p>What is public is the API, but for what carries {@link ai.neuronetz.gateway.Internal}.
 */
@NullMarked
package ai.neuronetz.gateway;

import org.jspecify.annotations.NullMarked;
