/** What goes to Ollama and what comes back, against real sockets. */
@NullMarked
package ai.neuronetz.gateway.upstream;

import org.jspecify.annotations.NullMarked;
