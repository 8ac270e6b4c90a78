/**
 * What Ollama's protocol is: its routes and dialects, its model names, its JSON, its frames.
 *
 * <p>Facts and readers only; nothing here decides. Source: Ollama v0.33, {@code server/routes.go} and {@code api/types.go}.
 */
@NullMarked
package ai.neuronetz.gateway.ollama;

import org.jspecify.annotations.NullMarked;
