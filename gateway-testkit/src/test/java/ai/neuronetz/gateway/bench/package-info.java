/** Measurements that led to a design decision and can be repeated; no tests, and nothing of the product uses them. */
@NullMarked
package ai.neuronetz.gateway.bench;

import org.jspecify.annotations.NullMarked;
