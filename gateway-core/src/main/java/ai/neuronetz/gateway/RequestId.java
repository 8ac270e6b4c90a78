package ai.neuronetz.gateway;

import java.security.SecureRandom;
import java.util.UUID;

/**
 * Makes request ids: UUIDs of version 7, which begin with the time in milliseconds.
 *
 * <p>The time orders the audit tables and finds their partition; nothing is decided by it. Source: RFC 9562, 5.7.
 */
final class RequestId {

    private static final SecureRandom RANDOM = new SecureRandom();

    private RequestId() {}

    static UUID next() {
        long random = RANDOM.nextLong();
        long high = (System.currentTimeMillis() << 16) | 0x7000 | (random & 0xfff);
        long low = 0x8000_0000_0000_0000L | (RANDOM.nextLong() >>> 2);
        return new UUID(high, low);
    }
}
