/**
 * The first stage: who is calling, and what was agreed with them.
 *
 * <p>{@link ai.neuronetz.gateway.identity.Authenticator} turns the head of a request into a
 * {@link ai.neuronetz.gateway.identity.Principal}.
 */
@NullMarked
package ai.neuronetz.gateway.identity;

import org.jspecify.annotations.NullMarked;
