package ai.neuronetz.gateway.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Asks over a connection of its own, so that nothing is retried and leaving is a matter of closing it. */
final class ChaosClient {

    private static final Pattern CODE = Pattern.compile("\"code\":\\s*\"([a-z_]+)\"");
    private static final int CONNECT_MILLIS = 1_000;

    /** Longer than the gateway takes for any decision and for any whole answer; a frozen gateway is left behind. */
    private static final int PATIENCE_MILLIS = 4_000;

    private ChaosClient() {}

    /**
     * Asks the first gateway that takes the connection, as a load balancer would. Never throws: whatever breaks on the way
     * is an answer that did not come, or did not come whole.
     */
    static Reply send(List<URI> gateways, String tenant, String secret, Ask ask) {
        for (URI gateway : gateways) {
            try (Socket socket = new Socket()) {
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(gateway.getHost(), gateway.getPort()), CONNECT_MILLIS);
                return exchange(socket, gateway, tenant, secret, ask);
            } catch (IOException e) {
                // This gateway is down.
            }
        }
        return Reply.none(tenant);
    }

    private static Reply exchange(Socket socket, URI gateway, String tenant, String secret, Ask ask) {
        Head head = new Head();
        try {
            boolean leavesWholeAnswer = ask.leaves() && !ask.streamed();
            socket.setSoTimeout(leavesWholeAnswer ? 1 + 10 * ask.leavesAfter() : PATIENCE_MILLIS);
            write(socket.getOutputStream(), gateway, secret, ask);
            read(new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)), head, ask);
        } catch (IOException e) {
            // The gateway went down, or stands still, or this client leaves.
        }
        return new Reply(tenant, head.requestId, head.status, head.code);
    }

    private static void write(OutputStream out, URI gateway, String secret, Ask ask) throws IOException {
        byte[] body = ask.body().getBytes(StandardCharsets.UTF_8);
        String head = "POST " + ask.path() + " HTTP/1.1\r\nHost: " + gateway.getAuthority()
                + "\r\nAuthorization: Bearer " + secret
                + "\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
    }

    private static void read(BufferedReader in, Head head, Ask ask) throws IOException {
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            head.line(line);
        }
        int frames = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (head.status >= 400) {
                head.error(line);
            }
            boolean frame = line.startsWith("{") || line.startsWith("data:");
            if (frame && ask.leaves() && ++frames > ask.leavesAfter()) {
                return;
            }
        }
    }

    private static final class Head {
        @Nullable
        UUID requestId;

        int status;

        @Nullable
        String code;

        void line(String line) {
            if (status == 0) {
                status = Integer.parseInt(line.substring(9, 12));
            } else if (line.regionMatches(true, 0, "x-request-id:", 0, 13)) {
                requestId = UUID.fromString(line.substring(13).strip());
            }
        }

        void error(String line) {
            Matcher found = CODE.matcher(line);
            if (found.find()) {
                code = found.group(1);
            }
        }
    }
}
