package ai.neuronetz.gateway.bench.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalLong;

/** Sends the same POST again and again on one blocking connection, and knows when the first byte of each answer came. */
final class KeepAliveConnection implements OpenLoop.Caller {

    private final URI to;
    private final byte[] request;
    private final byte[] answer = new byte[16 * 1024];
    private Socket socket;

    /** @param headers further ones, each with its line end */
    KeepAliveConnection(URI to, String headers, String body) {
        this.to = to;
        this.request = ("POST " + to.getPath() + " HTTP/1.1\r\nHost: " + to.getAuthority() + "\r\n" + headers
                        + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
        try {
            this.socket = connected();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket connected() throws IOException {
        Socket made = new Socket(to.getHost(), to.getPort());
        made.setTcpNoDelay(true);
        made.setSoTimeout(10_000);
        return made;
    }

    @Override
    public OptionalLong firstByteAt() throws IOException {
        socket.getOutputStream().write(request);
        int length = 0;
        long first = 0;
        do {
            int read = socket.getInputStream().read(answer, length, answer.length - length);
            if (read <= 0) {
                throw new IOException("closed, or too long an answer");
            }
            if (length == 0) {
                first = System.nanoTime();
            }
            length += read;
        } while (!complete(text(length)));
        String all = text(length);
        if (all.startsWith("HTTP/1.1 200 ")) {
            return OptionalLong.of(first);
        }
        if (!all.startsWith("HTTP/1.1 503 ")) {
            throw new IOException(all);
        }
        // A refusal may come with a close.
        socket.close();
        socket = connected();
        return OptionalLong.empty();
    }

    private String text(int length) {
        return new String(answer, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static boolean complete(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        String head = answer.substring(0, end).toLowerCase(Locale.ROOT);
        int at = head.indexOf("\r\ncontent-length: ");
        if (at < 0) {
            return answer.endsWith("\r\n0\r\n\r\n");
        }
        String length = head.substring(at + "\r\ncontent-length: ".length()).split("\r\n", 2)[0];
        return answer.length() - end - 4 >= Integer.parseInt(length.strip());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
