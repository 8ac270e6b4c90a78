/**
 * What Redis is the authority for: requests and tokens per minute, concurrency, and failed authentications.
 *
 * <p>{@link ai.neuronetz.gateway.redis.RedisStores} is the one door. Redis needs no persistence and no replica for the
 * limits to hold: a tenant's state carries the identity of the process and history that built it, which each script compares
 * with the server it runs on, and whatever does not match is unknown until it has been rebuilt from the ledger.
 *
 * <p>Operators: run Redis with {@code maxmemory-policy noeviction} (an evicted state is unknown, so the tenant is denied
 * until it is rebuilt; nothing is overspent), permit {@code EVAL}, {@code EVALSHA}, {@code SCRIPT}, {@code INFO},
 * {@code TIME}, {@code PING}, {@code SCAN} and the hash and list commands, and set the logger
 * {@code org.redisson.client.handler.PingConnectionHandler} to OFF: it writes a stack trace per connection while Redis hangs.
 */
@Internal
@NullMarked
package ai.neuronetz.gateway.redis;

import ai.neuronetz.gateway.Internal;
import org.jspecify.annotations.NullMarked;
