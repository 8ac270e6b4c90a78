/**
 * The third stage: does the request fit the limits, durably, before its first byte leaves.
 *
 * <p>Each limit has one authority. {@link ai.neuronetz.gateway.metering.RateGate}, in Redis, holds what is counted per minute
 * and what is open; {@link ai.neuronetz.gateway.metering.Ledger}, in PostgreSQL, holds budgets, key status and the reservation
 * itself. {@link ai.neuronetz.gateway.metering.Meter} asks both and hands out a
 * {@link ai.neuronetz.gateway.metering.Reservation}, without which nothing can be forwarded.
 */
@NullMarked
package ai.neuronetz.gateway.metering;

import org.jspecify.annotations.NullMarked;
