/**
 * What PostgreSQL is the authority for: keys, budgets, reservations, settlements, the audit log.
 *
 * <p>{@link ai.neuronetz.gateway.postgres.Migration} makes the schema and the roles;
 * {@link ai.neuronetz.gateway.postgres.PostgresStores} serves requests as {@code gateway_app};
 * {@link ai.neuronetz.gateway.postgres.PostgresAdministration} is what the command line does as {@code gateway_cli}. What
 * must hold whoever connects is in the database's own functions and constraints, not here.
 */
@Internal
@NullMarked
package ai.neuronetz.gateway.postgres;

import ai.neuronetz.gateway.Internal;
import org.jspecify.annotations.NullMarked;
