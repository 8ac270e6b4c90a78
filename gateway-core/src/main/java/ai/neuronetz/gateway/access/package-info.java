/**
 * The second stage: may this principal make this request of this model, and what exactly will Ollama be sent.
 *
 * <p>{@link ai.neuronetz.gateway.access.Authorizer} turns a principal and a body into a
 * {@link ai.neuronetz.gateway.access.Grant}. {@link ai.neuronetz.gateway.access.ModelCatalog} is what is installed.
 */
@NullMarked
package ai.neuronetz.gateway.access;

import org.jspecify.annotations.NullMarked;
