/**
 * What it takes to test against a gateway, or a gateway itself, without Docker: a mock Ollama that streams and remembers, real
 * PostgreSQL and Redis from the package registries, and a whole gateway on free ports.
 */
@NullMarked
package ai.neuronetz.gateway.testkit;

import org.jspecify.annotations.NullMarked;
