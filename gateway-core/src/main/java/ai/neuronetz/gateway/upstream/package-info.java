/**
 * The fourth stage: sends an admitted request to Ollama. The only evented code of the gateway.
 *
 * <p>{@link ai.neuronetz.gateway.upstream.Upstream} takes a reservation and nothing else, so that nothing can be forwarded that
 * was not metered.
 */
@NullMarked
package ai.neuronetz.gateway.upstream;

import org.jspecify.annotations.NullMarked;
