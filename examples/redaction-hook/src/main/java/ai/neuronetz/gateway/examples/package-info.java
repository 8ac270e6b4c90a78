@NullMarked
package ai.neuronetz.gateway.examples;

import org.jspecify.annotations.NullMarked;
