package ai.neuronetz.gateway.upstream;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A server on a bare socket that answers each request by a script and notes what it saw, byte for byte. */
final class ScriptedServer implements Closeable {

    /** Answers one request. */
    interface Script {
        void answer(Received request, Peer peer) throws IOException;
    }

    /**
     * One request as it came.
     *
     * @param connection number of the connection, from 1
     */
    record Received(int connection, List<String> head, String body) {}

    private final ServerSocket listener;
    private final Script script;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicLong written = new AtomicLong();

    ScriptedServer(Script script) throws IOException {
        this.script = script;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("scripted-server", this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    List<Received> received() {
        return received;
    }

    /** Connections that the other side has closed. */
    int closed() {
        return closed.get();
    }

    /** Bytes handed to sockets so far. */
    long written() {
        return written.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                int number = sockets.size();
                start("scripted-server-" + number, () -> serve(socket, number));
            }
        } catch (IOException closing) {
            // The test is over.
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            InputStream input = new BufferedInputStream(socket.getInputStream());
            Received request = read(input, number);
            while (request != null) {
                received.add(request);
                script.answer(request, new Peer(socket));
                request = read(input, number);
            }
        } catch (IOException gone) {
            // Counted below, like an orderly end.
        }
        closed.incrementAndGet();
    }

    private static @Nullable Received read(InputStream input, int number) throws IOException {
        List<String> head = new ArrayList<>();
        int length = 0;
        String line = line(input);
        while (line != null && !line.isEmpty()) {
            head.add(line);
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
            line = line(input);
        }
        return line == null
                ? null
                : new Received(number, head, new String(input.readNBytes(length), StandardCharsets.UTF_8));
    }

    private static @Nullable String line(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = input.read();
        while (next >= 0 && next != '\n') {
            if (next != '\r') {
                line.append((char) next);
            }
            next = input.read();
        }
        return next < 0 ? null : line.toString();
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** The other end of a connection. */
    final class Peer {

        private final Socket socket;

        private Peer(Socket socket) {
            this.socket = socket;
        }

        void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            written.addAndGet(bytes.length);
        }

        void chunk(byte[] bytes) throws IOException {
            write(Integer.toHexString(bytes.length) + "\r\n");
            write(bytes);
            write("\r\n");
        }

        void chunk(String text) throws IOException {
            chunk(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Ends the answer and the connection. */
        void finish() throws IOException {
            socket.shutdownOutput();
        }

        /** Closes with a reset instead of an orderly end. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
