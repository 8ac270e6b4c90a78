/** What a user of the gateway sees, through real HTTP, real PostgreSQL and real Redis. */
@NullMarked
package ai.neuronetz.gateway.acceptance;

import org.jspecify.annotations.NullMarked;
