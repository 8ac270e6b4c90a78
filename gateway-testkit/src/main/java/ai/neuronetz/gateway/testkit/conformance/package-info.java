/**
 * A program that checks, at a gateway that runs, the guarantees that can be seen from outside.
 *
 * <p>It needs the gateway's address and keys that were made for it, and asks with nothing but the JDK's HTTP client and
 * sockets: what it says of a gateway depends on none of the gateway's own code but the shape of a key.
 */
@NullMarked
package ai.neuronetz.gateway.testkit.conformance;

import org.jspecify.annotations.NullMarked;
