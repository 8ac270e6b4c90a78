/**
 * What a test of the gateway, or of a program that embeds it, needs beside it: a scripted Ollama and real stores.
 *
 * <p>Everything listens on 127.0.0.1 only, on a port of its own, and ends with the JVM that started it.
 */
@NullMarked
package ai.neuronetz.gateway.testkit;

import org.jspecify.annotations.NullMarked;
