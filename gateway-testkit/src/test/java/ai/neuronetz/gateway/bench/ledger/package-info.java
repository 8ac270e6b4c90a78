/** Measurements of the limits: that they hold, what they cost, and that they cost the same as the data grows. No tests. */
@NullMarked
package ai.neuronetz.gateway.bench.ledger;

import org.jspecify.annotations.NullMarked;
