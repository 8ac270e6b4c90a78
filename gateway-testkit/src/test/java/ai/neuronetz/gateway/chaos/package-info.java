/** Real processes under faults: the limits and the audit hold, or a test says which did not. */
@NullMarked
package ai.neuronetz.gateway.chaos;

import org.jspecify.annotations.NullMarked;
