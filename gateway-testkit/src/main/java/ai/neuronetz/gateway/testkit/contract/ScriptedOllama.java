package ai.neuronetz.gateway.testkit.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A model server on a bare socket: one answer, and a few ways to misbehave. */
final class ScriptedOllama implements AutoCloseable {

    static final String ANSWER = "{\"message\":{\"content\":\"Hello\"},\"done\":true}\n";

    enum Manner {
        WHOLE,
        BREAK_OFF,
        REDIRECT,
        SILENT,
        LONG
    }

    private record Step(Manner manner, int length) {}

    private final ServerSocket listener;
    private final Queue<Step> script = new ConcurrentLinkedQueue<>();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final CountDownLatch speak = new CountDownLatch(1);
    private final CountDownLatch silentCallerGone = new CountDownLatch(1);

    private ScriptedOllama(ServerSocket listener) {
        this.listener = listener;
    }

    static ScriptedOllama start() {
        try {
            ScriptedOllama ollama = new ScriptedOllama(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
            thread(ollama::accept);
            return ollama;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** How the next request is answered; all others get the whole answer. */
    void next(Manner manner) {
        next(manner, 0);
    }

    void next(Manner manner, int length) {
        script.add(new Step(manner, length));
    }

    /** Ends the silence. */
    void speak() {
        speak.countDown();
    }

    /** Path and body of each request that came whole. */
    List<String> received() {
        return received;
    }

    boolean silentCallerGone() {
        return silentCallerGone.getCount() == 0;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                thread(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            String path = request(in);
            while (!path.isEmpty()) {
                Step step = script.poll();
                if (!answer(step == null ? new Step(Manner.WHOLE, 0) : step, in, socket.getOutputStream())) {
                    return;
                }
                path = request(in);
            }
        } catch (IOException gone) {
            // As clients that were told to cut a call do.
        }
    }

    /** The path, or nothing at the end of the connection. */
    private String request(InputStream in) throws IOException {
        String path = "";
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            path = path.isEmpty() ? line.split(" ", 3)[1] : path;
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        if (!path.isEmpty()) {
            received.add(path + " " + new String(in.readNBytes(length), UTF_8));
        }
        return path;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    /** Whether the connection is good for another request. */
    private boolean answer(Step step, InputStream in, OutputStream out) throws IOException {
        switch (step.manner()) {
            case WHOLE -> write(out, "200 OK", ANSWER.length(), ANSWER.getBytes(UTF_8));
            case REDIRECT -> write(out, "302 Found\r\nLocation: /elsewhere", 0, new byte[0]);
            case LONG -> write(out, "200 OK", step.length(), new byte[step.length()]);
            case BREAK_OFF -> {
                write(out, "200 OK", 1_000, ANSWER.getBytes(UTF_8));
                return false;
            }
            case SILENT -> {
                thread(() -> {
                    await(speak);
                    try {
                        write(out, "200 OK", ANSWER.length(), ANSWER.getBytes(UTF_8));
                    } catch (IOException cut) {
                        // As it should be.
                    }
                });
                awaitEnd(in);
                silentCallerGone.countDown();
                return false;
            }
        }
        return true;
    }

    private static void write(OutputStream out, String status, int length, byte[] body) throws IOException {
        String head = "HTTP/1.1 " + status + "\r\nContent-Type: application/x-ndjson\r\nContent-Length: " + length
                + "\r\n\r\n";
        out.write(head.getBytes(UTF_8));
        out.write(body);
        out.flush();
    }

    private static void awaitEnd(InputStream in) {
        try {
            while (in.read() >= 0) {
                // Nothing more is expected.
            }
        } catch (IOException reset) {
            // Also an end.
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "scripted-ollama");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            speak.countDown();
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
