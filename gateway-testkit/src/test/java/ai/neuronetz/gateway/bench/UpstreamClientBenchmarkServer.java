package ai.neuronetz.gateway.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** The upstream of the benchmark, in its own process so that its CPU time is not the clients'. Ends with its parent. */
final class UpstreamClientBenchmarkServer {

    static final int FRAME_BYTES = 80;
    static final int FRAME_STAMP_AT = 5;
    static final int FRAME_STAMP_DIGITS = 19;
    static final int FRAME_MILLIS = 50;

    private static final byte[] ANSWER =
            "{\"model\":\"m\",\"response\":\"ok\",\"done\":true}".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] FRAME =
            "{\"t\":0000000000000000000,\"message\":{\"role\":\"assistant\",\"content\":\" token\"}    }\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private UpstreamClientBenchmarkServer() {}

    /** Prints the port in its first line. */
    public static void main(String[] arguments) throws Exception {
        QuietLog.apply();
        var server = new Server(new QueuedThreadPool(16));
        var connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        connector.setAcceptQueueSize(2048);
        connector.setIdleTimeout(120_000);
        server.addConnector(connector);
        server.setHandler(new Scenarios());
        server.start();
        System.out.println(connector.getLocalPort());
        while (System.in.read() >= 0) {
            // Nothing is ever said on this pipe; it is there to end when the parent does.
        }
        System.exit(0);
    }

    /** {@code /small}, {@code /frames/<how many>}, {@code /flood}, {@code /endless/<id>} and {@code /closed/<id>}. */
    private static final class Scenarios extends Handler.Abstract.NonBlocking {

        private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();
        private final Map<String, CompletableFuture<Long>> closed = new ConcurrentHashMap<>();

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            String[] path = Request.getPathInContext(request).split("/", -1);
            Content.Source.asByteBuffer(request, new Promise.Invocable.NonBlocking<>() {
                @Override
                public void succeeded(ByteBuffer body) {
                    switch (path[1]) {
                        case "small" -> answer(response, ByteBuffer.wrap(ANSWER), callback);
                        case "frames" -> new PacedStream(response, callback, Integer.parseInt(path[2])).start(pace);
                        case "flood" -> flood(response, callback);
                        case "endless" -> {
                            watch(request, path[2]);
                            new PacedStream(response, callback, Integer.MAX_VALUE).start(pace);
                        }
                        case "closed" -> {
                            var unused = seen(path[2])
                                    .thenAccept(nanos -> answer(
                                            response,
                                            StandardCharsets.US_ASCII.encode(Long.toString(nanos)),
                                            callback));
                        }
                        default -> Response.writeError(request, response, callback, 404);
                    }
                }

                @Override
                public void failed(Throwable failure) {
                    callback.failed(failure);
                }
            });
            return true;
        }

        /** Jetty reads nothing while an exchange is open, so the end point is free to tell us of the client's FIN or RST. */
        private void watch(Request request, String id) {
            request.getConnectionMetaData()
                    .getConnection()
                    .getEndPoint()
                    .fillInterested(Callback.from(() -> seen(id).complete(System.nanoTime())));
        }

        /** Writes in chunks for as long as the client takes them. */
        private void flood(Response response, Callback callback) {
            Runnable next = () -> pace.execute(() -> flood(response, callback));
            response.write(false, ByteBuffer.allocate(16 * 1024), Callback.from(next, callback::failed));
        }

        private CompletableFuture<Long> seen(String id) {
            return closed.computeIfAbsent(id, key -> new CompletableFuture<>());
        }

        private static void answer(Response response, ByteBuffer body, Callback callback) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.remaining());
            response.write(true, body, callback);
        }
    }

    /** One answer of many lines, each written and flushed on its own and carrying the time at which it was written. */
    private static final class PacedStream implements Runnable {

        private final Response response;
        private final Callback callback;
        private final int frames;
        private int written;
        private volatile boolean writing;
        private @Nullable ScheduledFuture<?> schedule;

        PacedStream(Response response, Callback callback, int frames) {
            this.response = response;
            this.callback = callback;
            this.frames = frames;
        }

        void start(ScheduledExecutorService pace) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/x-ndjson");
            // On the pacing thread, so that the schedule is known before the first frame can end it.
            pace.execute(() -> schedule = pace.scheduleAtFixedRate(this, 0, FRAME_MILLIS, TimeUnit.MILLISECONDS));
        }

        @Override
        public void run() {
            if (writing) {
                return;
            }
            writing = true;
            written++;
            boolean last = written == frames;
            if (last) {
                stop();
            }
            response.write(last, frame(), Callback.from(() -> written(last), this::failed));
        }

        private void written(boolean last) {
            writing = false;
            if (last) {
                callback.succeeded();
            }
        }

        private void failed(Throwable failure) {
            stop();
            callback.failed(failure);
        }

        private void stop() {
            if (schedule != null) {
                schedule.cancel(false);
            }
        }

        private static ByteBuffer frame() {
            byte[] frame = FRAME.clone();
            long left = System.nanoTime();
            for (int at = FRAME_STAMP_AT + FRAME_STAMP_DIGITS - 1; at >= FRAME_STAMP_AT; at--) {
                frame[at] = (byte) ('0' + left % 10);
                left /= 10;
            }
            return ByteBuffer.wrap(frame);
        }
    }
}
