/** The promises of the ledger's database, against a real PostgreSQL. */
@NullMarked
package ai.neuronetz.gateway.postgres;

import org.jspecify.annotations.NullMarked;
