/** What of the PostgreSQL package needs no database. */
@NullMarked
package ai.neuronetz.gateway.postgres;

import org.jspecify.annotations.NullMarked;
