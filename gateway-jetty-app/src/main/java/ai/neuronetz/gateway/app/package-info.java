/**
 * The bundled application: the operator's commands, and the Jetty server that {@code serve} runs.
 *
 * <p>Start at {@link ai.neuronetz.gateway.app.GatewayMain}. {@code Setting} is the one table of what can be configured;
 * {@code Settings} reads it from flags, environment and files; {@code CommandLines} puts the commands together; and
 * {@code GatewayServer} is all the application knows of Jetty.
 */
@NullMarked
package ai.neuronetz.gateway.app;

import org.jspecify.annotations.NullMarked;
