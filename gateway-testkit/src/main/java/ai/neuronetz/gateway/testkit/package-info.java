/**
 * What a test of the gateway, or of a program that embeds it, needs: a scripted Ollama, real stores, and a whole gateway that
 * is watched.
 *
 * <p>Start at {@link ai.neuronetz.gateway.testkit.GatewayExtension} for tests against a gateway, at
 * {@link ai.neuronetz.gateway.testkit.MockOllamaExtension} for tests against an Ollama that misbehaves on request, or at
 * {@link ai.neuronetz.gateway.testkit.MockOllamaTransformer} with a WireMock that is there already. What an answer can be is
 * in {@link ai.neuronetz.gateway.testkit.AnswerScript}.
 *
 * <p>Everything the testkit starts itself listens on 127.0.0.1 only, on a port of its own, and ends with the JVM that started
 * it.
 */
@NullMarked
package ai.neuronetz.gateway.testkit;

import org.jspecify.annotations.NullMarked;
