/**
 * What the command line does: tenants, keys, models, limits, usage, audit. There is no HTTP administration.
 */
@Internal
@NullMarked
package ai.neuronetz.gateway.admin;

import ai.neuronetz.gateway.Internal;
import org.jspecify.annotations.NullMarked;
