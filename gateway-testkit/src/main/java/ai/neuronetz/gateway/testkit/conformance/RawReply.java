package ai.neuronetz.gateway.testkit.conformance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * What came back on a bare connection to a message that no HTTP client would send.
 *
 * @param statuses of all answers, in order, without 1xx; none if the connection was closed instead
 */
record RawReply(List<Integer> statuses) {

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([0-9]{3}) ");
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_READ = 1 << 20;

    /** A second without a byte is taken for the end: what was misread may leave the connection open. */
    private static final Duration SILENCE = Duration.ofSeconds(1);

    static RawReply to(URI url, String message) {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (Socket socket = connect(url)) {
            socket.getOutputStream().write(message.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            read(socket, received);
        } catch (IOException closed) {
            // What had come by then counts.
        }
        return new RawReply(STATUS_LINE
                .matcher(received.toString(StandardCharsets.ISO_8859_1))
                .results()
                .map(match -> Integer.valueOf(match.group(1)))
                .filter(status -> status >= 200)
                .toList());
    }

    private static void read(Socket socket, ByteArrayOutputStream into) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[8192];
        socket.setSoTimeout((int) PATIENCE.toMillis());
        for (int count = in.read(buffer); count >= 0 && into.size() < MAX_READ; count = in.read(buffer)) {
            into.write(buffer, 0, count);
            socket.setSoTimeout((int) SILENCE.toMillis());
        }
    }

    private static Socket connect(URI url) throws IOException {
        boolean tls = url.getScheme().equals("https");
        int port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(url.getHost(), port), (int) PATIENCE.toMillis());
        if (!tls) {
            return socket;
        }
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket secured = (SSLSocket) factory.createSocket(socket, url.getHost(), port, true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        return secured;
    }
}
