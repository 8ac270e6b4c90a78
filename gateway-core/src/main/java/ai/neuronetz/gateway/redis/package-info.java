/**
 * What Redis is the authority for: what is counted per minute and what is open, and failed authentications.
 *
 * <p>Needs Redis 6.2 or newer, single, with Sentinel or as a Cluster, and {@code maxmemory-policy noeviction}. Persistence is not
 * needed: state that was lost is rebuilt from the ledger. While Redis hangs, Redisson's ping handler logs a stack trace for each
 * connection; set the logger {@code org.redisson.client.handler.PingConnectionHandler} to off.
 */
@NullMarked
package ai.neuronetz.gateway.redis;

import org.jspecify.annotations.NullMarked;
