/**
 * Beside the stages: what keys that opted in asked and were answered, kept for a while.
 *
 * <p>{@link ai.neuronetz.gateway.prompts.PromptLog} takes it when an exchange has closed and hands it to a store after a
 * {@link ai.neuronetz.gateway.prompts.Redactor} has been over it. It is no check: what cannot be redacted or stored is dropped
 * and counted, and the request knows nothing of it.
 */
@NullMarked
package ai.neuronetz.gateway.prompts;

import org.jspecify.annotations.NullMarked;
