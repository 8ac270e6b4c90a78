package ai.neuronetz.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TlsAcceptanceTest {

    private static final long IDLE_MILLIS = 400;
    private static final Duration IDLE = Duration.ofMillis(IDLE_MILLIS);
    private static final Duration HEAD = Duration.ofMillis(1500);
    private static final long PATIENCE_SECONDS = 20;

    private static PemFiles first;
    private static PemFiles second;

    @TempDir
    Path directory;

    private final BlockingQueue<AsyncContext> waiting = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> gone = new LinkedBlockingQueue<>();
    private Path certificate;
    private Path key;
    private GatewayServer server;

    @BeforeAll
    static void createCertificates(@TempDir Path stores) throws Exception {
        first = PemFiles.create(stores, "first", "RSA");
        second = PemFiles.create(stores, "second", "EC", 30);
    }

    @BeforeEach
    void start() throws IOException {
        certificate = directory.resolve("tls.crt");
        key = directory.resolve("tls.key");
        put(first);
        server = new GatewayServer(
                "127.0.0.1",
                0,
                new TestFilter(),
                new ClientLimits(100, HEAD, IDLE, IDLE),
                TlsFiles.of(certificate.toString(), key.toString()));
        server.start();
    }

    @AfterEach
    void stop() {
        waiting.forEach(AsyncContext::complete);
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void a_request_is_served_by_https(String version) throws Exception {
        try (SSLSocket socket = open(version)) {
            assertThat(exchange(socket, "/x")).startsWith("HTTP/1.1 200").endsWith("https /x");
            assertThat(subject(socket)).isEqualTo("CN=first");
            assertThat(socket.getApplicationProtocol()).isEmpty();
        }
    }

    @Test
    void tls_1_1_is_not_spoken() throws Exception {
        // The JDK's client does not speak it any more either, so the head of its greeting is sent by hand.
        byte[] greeting = new byte[5 + 4 + 2 + 32 + 1 + 4 + 2];
        byte[] start = {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2};
        System.arraycopy(start, 0, greeting, 0, start.length);
        byte[] suites = {0, 0, 2, (byte) 0xc0, 0x13, 1, 0};
        System.arraycopy(suites, 0, greeting, 43, suites.length);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
            socket.getOutputStream().write(greeting);

            // An alert: fatal, protocol_version.
            assertThat(socket.getInputStream().readNBytes(7)).endsWith(2, 70);
        }
    }

    @Test
    void plain_http_gets_no_answer_and_no_patience() throws IOException {
        String answer = RawHttp.exchange(server.port(), "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");

        assertThat(answer).doesNotContain("HTTP", "reached");
        assertThat(answer.length()).describedAs("an alert at most").isLessThan(16);
    }

    @Test
    void a_new_certificate_is_shown_to_new_connections_and_open_ones_go_on() throws Exception {
        try (SSLSocket before = open("TLSv1.3")) {
            send(before, "GET /wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            AsyncContext awaited = waiting.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(awaited).isNotNull();

            put(second);
            awaitSubject("CN=second");
            awaited.complete();

            assertThat(new String(before.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 200");
            assertThat(subject(before)).isEqualTo("CN=first");
        }
    }

    @Test
    void broken_files_leave_the_old_certificate_in_use_until_they_are_mended() throws Exception {
        TlsFiles files = TlsFiles.of(certificate.toString(), key.toString());
        files.context().start();
        try {
            for (String broken : new String[] {"", "no certificate", second.certificate()}) {
                PemFiles.put(certificate, broken);
                files.reloadIfChanged();

                assertThat(shownBy(files)).isEqualTo("CN=first");
            }
            Files.delete(certificate);
            files.reloadIfChanged();
            assertThat(shownBy(files)).isEqualTo("CN=first");

            put(second);
            files.reloadIfChanged();
            assertThat(shownBy(files)).isEqualTo("CN=second");
        } finally {
            files.context().stop();
        }
    }

    @Test
    void how_long_the_certificate_in_use_is_valid_is_shown_as_a_metric() throws Exception {
        TlsFiles files = TlsFiles.of(certificate.toString(), key.toString());
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new GatewayServer("127.0.0.1", 0, new TestFilter(), new ClientLimits(100, HEAD, IDLE, IDLE), files)
                .measureWith(registry);
        Gauge expiration =
                registry.get("gateway.tls.certificate.expiration.timestamp").gauge();
        files.context().start();
        try {
            assertThat(expiration.value()).isEqualTo(expirationShownBy(files));

            PemFiles.put(certificate, "no certificate");
            files.reloadIfChanged();
            assertThat(expiration.value()).isEqualTo(expirationShownBy(files));

            double ofTheFirst = expiration.value();
            put(second);
            files.reloadIfChanged();
            assertThat(expiration.value()).isEqualTo(expirationShownBy(files)).isLessThan(ofTheFirst);
        } finally {
            files.context().stop();
        }
    }

    @Test
    void an_answer_that_is_awaited_longer_than_the_idle_time_out_still_comes() throws Exception {
        try (SSLSocket socket = open("TLSv1.3")) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(
                    () -> waiting.poll().complete(),
                    CompletableFuture.delayedExecutor(3 * IDLE_MILLIS, TimeUnit.MILLISECONDS));

            assertThat(exchange(socket, "/wait")).startsWith("HTTP/1.1 200");
            answered.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_client_that_leaves_while_its_answer_is_awaited_is_noticed() throws Exception {
        SSLSocket socket = open("TLSv1.3");
        send(socket, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
        AsyncContext awaited = waiting.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(awaited).isNotNull();

        socket.close();

        assertThat(gone.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("/wait");
        awaited.complete();
    }

    @Test
    void a_head_that_trickles_is_cut() throws Exception {
        try (SSLSocket socket = open("TLSv1.3")) {
            socket.startHandshake();
            send(socket, "GET /x HTTP/1.1\r\nX: ");

            assertThat(cutWhileSending(socket, 'a')).isBetween(HEAD.dividedBy(2), HEAD.multipliedBy(6));
        }
    }

    @Test
    void a_handshake_that_trickles_is_cut() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            // A record of 16,000 bytes, of which one arrives now and then.
            socket.getOutputStream().write(new byte[] {22, 3, 1, 0x3e, (byte) 0x80, 1, 0, 0x3e, 0x7c, 3, 3});

            assertThat(cutWhileSending(socket, 1)).isBetween(HEAD.dividedBy(2), HEAD.multipliedBy(6));
        }
    }

    @Test
    void a_key_of_another_certificate_stops_the_start() throws IOException {
        PemFiles.put(key, second.key());
        assertRefused("not of the certificate's kind, RSA");

        PemFiles.put(certificate, second.certificate());
        PemFiles.put(key, first.key());
        assertRefused("not of the certificate's kind, EC");
    }

    @Test
    void a_key_of_the_same_kind_that_is_not_the_certificates_stops_the_start(@TempDir Path stores) throws Exception {
        PemFiles.put(certificate, second.certificate());
        PemFiles.put(key, PemFiles.create(stores, "third", "EC").key());

        assertRefused("is not that of the first certificate");
    }

    @Test
    void a_key_that_every_user_can_read_stops_the_start() throws IOException {
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

        assertRefused("every user can read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY"})
    void a_key_in_another_form_stops_the_start_with_the_way_out(String type) throws IOException {
        PemFiles.put(key, PemFiles.pem(type, new byte[64]));

        assertRefused("openssl pkcs8 -topk8 -nocrypt");
    }

    @Test
    void serve_takes_both_files_or_none() {
        CommandRun run = new CommandRun(new InMemoryAdministration())
                .with("DATABASE_URL", "postgresql://gateway_app@127.0.0.1:1/gateway")
                .with("REDIS_URL", "redis://127.0.0.1:1")
                .with("OLLAMA_URL", "http://127.0.0.1:1")
                .with("KEY_PEPPER", "00".repeat(16) + "5a".repeat(16))
                .with("TLS_CERTIFICATE_FILE", certificate.toString());

        assertThat(run.execute("serve")).isEqualTo(2);
        assertThat(run.err()).contains("TLS_KEY_FILE").hasLineCount(1);
    }

    private void assertRefused(String why) {
        assertThatThrownBy(() -> TlsFiles.of(certificate.toString(), key.toString()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("TLS_KEY_FILE: ")
                .hasMessageContaining(why)
                .hasMessageNotContaining("\n");
    }

    private void put(PemFiles files) throws IOException {
        PemFiles.put(key, files.key());
        PemFiles.put(certificate, files.certificate());
    }

    /** How long the server lets somebody go on who sends a byte now and then, more often than its idle time-out. */
    private static Duration cutWhileSending(Socket socket, int value) throws IOException {
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        socket.setSoTimeout(100);
        while (System.nanoTime() < end) {
            try {
                socket.getOutputStream().write(value);
                if (socket.getInputStream().read() < 0) {
                    break;
                }
            } catch (SocketTimeoutException e) {
                // Still open, and silent.
            } catch (IOException e) {
                break;
            }
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static String shownBy(TlsFiles files) throws Exception {
        return certificateOf(files).getSubjectX500Principal().getName();
    }

    private static double expirationShownBy(TlsFiles files) throws Exception {
        return certificateOf(files).getNotAfter().toInstant().getEpochSecond();
    }

    private static X509Certificate certificateOf(TlsFiles files) throws Exception {
        return (X509Certificate) files.context().getKeyStore().getCertificate("server");
    }

    private void awaitSubject(String subject) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String shown;
        do {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            try (SSLSocket socket = open("TLSv1.3")) {
                shown = subject(socket);
            }
        } while (!shown.equals(subject) && System.nanoTime() < end);
        assertThat(shown).isEqualTo(subject);
    }

    private static String subject(SSLSocket socket) throws SSLException {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    private static String exchange(SSLSocket socket, String path) throws IOException {
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        send(socket, "GET " + path + " HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n");
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private SSLSocket open(String version) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustEverybody()}, null);
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port());
        socket.setEnabledProtocols(new String[] {version});
        return socket;
    }

    /** Answers, or waits and tells when the client has left. */
    private final class TestFilter implements Filter {

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws IOException {
            HttpServletRequest http = (HttpServletRequest) request;
            if (http.getRequestURI().equals("/wait")) {
                AsyncContext async = http.startAsync();
                async.setTimeout(0);
                ((CompletionStage<?>) http.getAttribute(GatewayFilter.CLIENT_GONE))
                        .thenRun(() -> gone.add(http.getRequestURI()));
                waiting.add(async);
            } else {
                response.getWriter().print(http.getScheme() + " " + http.getRequestURI());
            }
        }
    }

    private static final class TrustEverybody implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
