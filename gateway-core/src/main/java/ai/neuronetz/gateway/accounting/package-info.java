/**
 * The fifth stage: after the stream has closed, what did the request really use.
 *
 * <p>{@link ai.neuronetz.gateway.accounting.Accountant} turns what was seen of an answer into the one settlement of its
 * reservation.
 */
@NullMarked
package ai.neuronetz.gateway.accounting;

import org.jspecify.annotations.NullMarked;
