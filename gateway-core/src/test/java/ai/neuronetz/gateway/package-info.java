@NullMarked
package ai.neuronetz.gateway;

import org.jspecify.annotations.NullMarked;
