package ai.neuronetz.gateway.servlet;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A socket that says what the test wants said, byte for byte, and reads HTTP answers one after the other. */
public final class RawClient implements Closeable {

    /** One answer as it came. */
    public record Response(String statusLine, List<String> headers, String body, boolean whole) {

        public int status() {
            return Integer.parseInt(statusLine.split(" ")[1]);
        }

        @Nullable
        public String header(String name) {
            return headers.stream()
                    .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse(null);
        }
    }

    private final Socket socket;
    private final InputStream input;
    private boolean chunkOpen;

    public RawClient(int port) throws IOException {
        this(port, 0);
    }

    public RawClient(int port, int receiveBuffer) throws IOException {
        socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        input = new BufferedInputStream(socket.getInputStream());
    }

    public RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    public RawClient get(String target) throws IOException {
        return send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    public RawClient post(String target, String body) throws IOException {
        return send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body);
    }

    /** A whole answer to anything but HEAD. */
    public Response response() throws IOException {
        return response(true);
    }

    public Response headResponse() throws IOException {
        return response(false);
    }

    /** The next piece of a chunked body, or null at its proper end. */
    @Nullable
    String chunk() throws IOException {
        if (chunkOpen && !line().isEmpty()) {
            throw new IOException("The chunk did not end where it said.");
        }
        int length = Integer.parseInt(line(), 16);
        String text = new String(input.readNBytes(length), StandardCharsets.UTF_8);
        // The line end after a piece may come with the next one only, and says nothing about when the piece came.
        chunkOpen = length > 0;
        if (length == 0 && !line().isEmpty()) {
            throw new IOException("There were trailers.");
        }
        return length == 0 ? null : text;
    }

    /** Whether the server closes the connection, within the socket's time-out, without sending more. */
    public boolean closed() {
        try {
            return input.read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Whether the server closes the connection, perhaps after sending more. */
    public boolean closedAfterAnswer() {
        try {
            while (input.read() >= 0) {
                continue;
            }
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** All that comes until the server closes. */
    public String everything() throws IOException {
        return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The head up to the empty line. */
    List<String> head() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            lines.add(line);
        }
        return lines;
    }

    /** So much of a body, or what there is of it. */
    String body(int length) throws IOException {
        return new String(input.readNBytes(length), StandardCharsets.UTF_8);
    }

    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private Response response(boolean withBody) throws IOException {
        List<String> head = head();
        Response bare = new Response(head.get(0), head.subList(1, head.size()), "", true);
        if (!withBody) {
            return bare;
        }
        StringBuilder body = new StringBuilder();
        boolean whole = true;
        String length = bare.header("Content-Length");
        try {
            if (length != null) {
                byte[] bytes = input.readNBytes(Integer.parseInt(length));
                body.append(new String(bytes, StandardCharsets.UTF_8));
                whole = bytes.length == Integer.parseInt(length);
            } else if (bare.header("Transfer-Encoding") != null) {
                for (String chunk = chunk(); chunk != null; chunk = chunk()) {
                    body.append(chunk);
                }
            }
        } catch (IOException | NumberFormatException e) {
            whole = false;
        }
        return new Response(bare.statusLine(), bare.headers(), body.toString(), whole);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                throw new EOFException("The server closed the connection in the middle of its answer.");
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }
}
