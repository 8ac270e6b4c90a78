/** Tests of the commands and of the server. */
@NullMarked
package ai.neuronetz.gateway.app;

import org.jspecify.annotations.NullMarked;
