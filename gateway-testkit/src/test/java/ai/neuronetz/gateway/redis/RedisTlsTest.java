package ai.neuronetz.gateway.redis;

import static ai.neuronetz.gateway.redis.GateClient.await;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.testkit.TestRedis;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trust is the JVM's: {@code javax.net.ssl.trustStore}. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RedisTlsTest {

    private static final String PASSWORD = "changeit";

    @TempDir
    private Path directory;

    @AfterEach
    void trust_as_before() {
        System.clearProperty("javax.net.ssl.trustStore");
        System.clearProperty("javax.net.ssl.trustStorePassword");
    }

    @Test
    void a_server_whose_certificate_is_trusted_and_names_it_is_served_over_tls() throws Exception {
        Path store = certificate("ip:127.0.0.1");
        trust(store);

        try (TestRedis redis = server(store);
                RedisStores stores = open(redis)) {
            await(stores::usable);
            new GateClient(stores).rebuild(1);
        }
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_denial() throws Exception {
        try (TestRedis redis = server(certificate("ip:127.0.0.1"));
                RedisStores stores = open(redis)) {
            assertThat(stores.usable()).isFalse();
            assertThat(new GateClient(stores).denies()).isTrue();
        }
    }

    @Test
    void a_trusted_certificate_of_another_server_is_denial() throws Exception {
        Path store = certificate("dns:other.example");
        trust(store);

        try (TestRedis redis = server(store);
                RedisStores stores = open(redis)) {
            assertThat(stores.usable()).isFalse();
            assertThat(new GateClient(stores).denies()).isTrue();
        }
    }

    private static RedisStores open(TestRedis redis) {
        return RedisStores.open(RedisSettings.parse(redis.tlsUrl()), new SimpleMeterRegistry());
    }

    private static void trust(Path store) {
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
    }

    /** A key store with a key and its self-signed certificate. */
    private Path certificate(String alternativeName) throws IOException, InterruptedException {
        Path store = directory.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "redis",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=redis",
                        "-ext",
                        "san=" + alternativeName,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        return store;
    }

    private TestRedis server(Path store) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return TestRedis.startWithTls(
                pem("CERTIFICATE", keys.getCertificate("redis").getEncoded()),
                pem("PRIVATE KEY", keys.getKey("redis", PASSWORD.toCharArray()).getEncoded()));
    }

    private Path pem(String what, byte[] bytes) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(
                directory.resolve(what.replace(' ', '-') + ".pem"),
                "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n",
                StandardCharsets.US_ASCII);
    }
}
