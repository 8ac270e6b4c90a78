/**
 * What the command line does: tenants, keys, models, limits, usage, audit. There is no HTTP administration.
 */
@NullMarked
package ai.neuronetz.gateway.admin;

import org.jspecify.annotations.NullMarked;
