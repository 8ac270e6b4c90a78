@NullMarked
package ai.neuronetz.gateway.api;

import org.jspecify.annotations.NullMarked;
