package ai.neuronetz.gateway.identity;

import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Denial;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** An authenticator over stores in memory, cheap hashes and a clock that a test moves. */
final class AuthenticatorHarness {

    static final KeyHash SMALL_HASH = KeyHash.with(new Argon2Parameters(1024, 1, 1));
    static final String PEER = "192.0.2.7";

    final InMemoryKeyStore keyStore = new InMemoryKeyStore();
    final InMemoryAuthFailures authFailures = new InMemoryAuthFailures();
    final FakeTicker ticker = new FakeTicker();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Pepper pepper = Pepper.of("a pepper for tests, 32 bytes long".getBytes(StandardCharsets.UTF_8));

    KeyAuthenticator.Builder builder() {
        return KeyAuthenticator.builder()
                .keyStore(keyStore)
                .authFailures(authFailures)
                .pepper(pepper)
                .keyHash(SMALL_HASH)
                .meterRegistry(meters)
                .rehashExecutor(Runnable::run)
                .ticker(ticker);
    }

    /** A new key that the store knows. */
    ApiKey issue() {
        ApiKey key = ApiKey.generate();
        store(key, 1, true);
        return key;
    }

    Principal store(ApiKey key, long revision, boolean usable) {
        return store(key, revision, usable, pepper, SMALL_HASH.hash(key));
    }

    Principal store(ApiKey key, long revision, boolean usable, Pepper under, String phc) {
        Principal principal =
                new Principal("acme", key.id(), ModelPolicy.none(), Limits.none(), Limits.none(), null, revision);
        keyStore.put(new StoredKey(principal, under.lookupCode(key), phc, usable));
        return principal;
    }

    /** The key's id with another secret and a correct checksum. */
    static ApiKey wrongSecret(ApiKey key) {
        return withId(ApiKey.generate(), key.id());
    }

    double count(String meter) {
        return meters.get(meter).counter().count();
    }

    static ClientRequest bearer(ApiKey key) {
        return authorization("Bearer " + key.reveal());
    }

    static ClientRequest authorization(String... values) {
        return request("/api/chat", Map.of("Authorization", List.of(values)), PEER);
    }

    static ClientRequest request(String target, Map<String, List<String>> headers, String peer) {
        try {
            return new ClientRequest("POST", target, headers, InetAddress.getByName(peer));
        } catch (UnknownHostException exception) {
            throw new IllegalArgumentException(peer, exception);
        }
    }

    static Denial denial(Authentication authentication) {
        if (authentication instanceof Authentication.Refused refused) {
            return refused.denial();
        }
        throw new AssertionError("not refused: " + authentication);
    }

    private static ApiKey withId(ApiKey key, KeyId id) {
        String body = "nng_" + id + key.reveal().substring(16, 60);
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        StringBuilder digits = new StringBuilder();
        String alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for (long rest = crc.getValue(); digits.length() < 6; rest /= 62) {
            digits.insert(0, alphabet.charAt((int) (rest % 62)));
        }
        return ApiKey.parse(body + digits).orElseThrow();
    }
}
