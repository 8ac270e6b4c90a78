/**
 * Small runnable applications around the gateway, each in one file.
 */
@NullMarked
package ai.neuronetz.gateway.examples;

import org.jspecify.annotations.NullMarked;
