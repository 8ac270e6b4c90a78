package ai.neuronetz.gateway.bench;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import com.sun.management.OperatingSystemMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** One client measured once, in a process of its own: no rival's classes, threads, garbage or compiled code are near. */
final class UpstreamClientBenchmarkRun {

    private static final byte[] BODY =
            "{\"model\":\"m\",\"prompt\":\"hello\",\"stream\":false}".getBytes(StandardCharsets.US_ASCII);
    private static final int IN_FLIGHT = 32;
    private static final int STREAMS = 1_000;
    private static final int FRAMES = 100;

    private final MeasuredClient client;
    private final Map<String, Double> results = new LinkedHashMap<>();
    private final AtomicInteger failures = new AtomicInteger();

    private UpstreamClientBenchmarkRun(MeasuredClient client) {
        this.client = client;
    }

    /** Arguments: the client's name and the server's port. The last line printed holds the results as {@code key=value}. */
    public static void main(String[] arguments) throws Exception {
        QuietLog.apply();
        int threadsBefore = ManagementFactory.getThreadMXBean().getThreadCount();
        try (var client = MeasuredClient.open(arguments[0], Integer.parseInt(arguments[1]), STREAMS + IN_FLIGHT)) {
            var run = new UpstreamClientBenchmarkRun(client);
            if (!arguments[0].equals("socket")) {
                run.cpuPerRequest();
            }
            run.latency();
            if (!arguments[0].equals("socket")) {
                run.streams(threadsBefore);
                run.cancel();
                run.backPressure();
            }
            run.results.put("failures", (double) run.failures.get());
            var line = new StringBuilder("RESULT");
            run.results.forEach(
                    (key, value) -> line.append(' ').append(key).append('=').append(value));
            System.out.println(line);
        }
        // Not every rival's threads are daemons.
        System.exit(0);
    }

    private void cpuPerRequest() throws InterruptedException {
        closedLoop(40_000);
        int requests = 40_000;
        long before = cpuNanos();
        closedLoop(requests);
        results.put("requestMicros", (cpuNanos() - before) / 1e3 / requests);
    }

    private void closedLoop(int requests) throws InterruptedException {
        var inFlight = new Semaphore(IN_FLIGHT);
        for (int i = 0; i < requests; i++) {
            inFlight.acquire();
            client.post("/small", BODY, new Ended(inFlight::release));
        }
        inFlight.acquire(IN_FLIGHT);
    }

    private void latency() throws InterruptedException {
        openLoop(1_000);
        long[] nanos = openLoop(2_000);
        results.put("latencyP50Micros", percentile(nanos, 50) / 1e3);
        results.put("latencyP99Micros", percentile(nanos, 99) / 1e3);
    }

    /** Measures from the time at which a request was due, so that a client that falls behind cannot hide it. */
    private long[] openLoop(int requests) throws InterruptedException {
        long intervalNanos = SECONDS.toNanos(1) / 200;
        var nanos = new long[requests];
        var left = new CountDownLatch(requests);
        long start = System.nanoTime() + intervalNanos;
        for (int i = 0; i < requests; i++) {
            int index = i;
            long due = start + i * intervalNanos;
            // Spinning the last stretch keeps the timer's own slack (50 us and more) out of the figures.
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                if (wait > 200_000) {
                    LockSupport.parkNanos(wait - 200_000);
                } else {
                    Thread.onSpinWait();
                }
            }
            client.post("/small", BODY, new Ended(() -> {
                nanos[index] = System.nanoTime() - due;
                left.countDown();
            }));
        }
        left.await();
        return nanos;
    }

    private void streams(int threadsBefore) throws InterruptedException, IOException {
        openStreams(40, () -> {
            System.gc();
            var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
            results.put("heapMiB", heap.getUsed() / 1048576.0);
        });
        long before = cpuNanos();
        long[] nanos = openStreams(FRAMES, () -> {
            results.put("threads", (double) ManagementFactory.getThreadMXBean().getThreadCount() - threadsBefore);
            results.put("rssMiB", residentKiB() / 1024.0);
        });
        results.put("frameMicros", (cpuNanos() - before) / 1e3 / nanos.length);
        results.put("frameP50Micros", percentile(nanos, 50) / 1e3);
        results.put("frameP99Micros", percentile(nanos, 99) / 1e3);
    }

    /** Opens one stream a millisecond, so that the frames come spread over time and not a thousand at once. */
    private long[] openStreams(int frames, Runnable whenAllOpen) throws InterruptedException {
        List<FrameDelays> streams = new ArrayList<>();
        var left = new CountDownLatch(STREAMS);
        for (int i = 0; i < STREAMS; i++) {
            var stream = new FrameDelays(frames, ended -> left.countDown());
            streams.add(stream);
            client.post("/frames/" + frames, BODY, stream);
            MILLISECONDS.sleep(1);
        }
        whenAllOpen.run();
        left.await();
        streams.stream().filter(stream -> !stream.complete()).forEach(stream -> failures.incrementAndGet());
        return streams.stream().flatMapToLong(FrameDelays::nanos).toArray();
    }

    private void cancel() throws Exception {
        var nanos = new long[40];
        for (int i = 0; i < nanos.length; i++) {
            String id = ProcessHandle.current().pid() + "-" + i;
            var first = new CountDownLatch(1);
            var call = client.post("/endless/" + id, BODY, new MeasuredClient.Receiver() {
                @Override
                public boolean receive(ByteBuffer bytes) {
                    first.countDown();
                    return true;
                }

                @Override
                public void end(@Nullable Throwable failure) {}
            });
            first.await();
            // In the middle between two frames: nothing but the cancellation itself can close the connection.
            MILLISECONDS.sleep(UpstreamClientBenchmarkServer.FRAME_MILLIS / 2);
            long cancelled = System.nanoTime();
            call.cancel();
            nanos[i] = closedAt(id) - cancelled;
        }
        results.put("cancelP50Micros", percentile(nanos, 50) / 1e3);
        results.put("cancelMaxMicros", percentile(nanos, 100) / 1e3);
    }

    /** How much is handed over of an endless answer to a receiver that never asks for more. */
    private void backPressure() throws InterruptedException {
        var received = new AtomicInteger();
        var call = client.post("/flood", BODY, new MeasuredClient.Receiver() {
            @Override
            public boolean receive(ByteBuffer bytes) {
                received.addAndGet(bytes.remaining());
                return false;
            }

            @Override
            public void end(@Nullable Throwable failure) {}
        });
        SECONDS.sleep(1);
        results.put("unaskedKiB", received.get() / 1024.0);
        call.cancel();
    }

    private long closedAt(String id) throws Exception {
        var text = new ByteArrayOutputStream();
        var answered = new CompletableFuture<String>();
        client.post("/closed/" + id, BODY, new MeasuredClient.Receiver() {
            @Override
            public boolean receive(ByteBuffer bytes) {
                while (bytes.hasRemaining()) {
                    text.write(bytes.get());
                }
                return true;
            }

            @Override
            public void end(@Nullable Throwable failure) {
                answered.complete(text.toString(StandardCharsets.US_ASCII));
            }
        });
        return Long.parseLong(answered.get(10, SECONDS));
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static double residentKiB() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException notLinux) {
            return Double.NaN;
        }
    }

    private static double percentile(long[] values, int percent) {
        long[] sorted = LongStream.of(values).sorted().toArray();
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * percent / 100.0) - 1)];
    }

    /** Ignores the body, counts the failure and says that the exchange is over. */
    private final class Ended implements MeasuredClient.Receiver {

        private final Runnable then;

        Ended(Runnable then) {
            this.then = then;
        }

        @Override
        public boolean receive(ByteBuffer bytes) {
            return true;
        }

        @Override
        public void end(@Nullable Throwable failure) {
            if (failure != null) {
                failures.incrementAndGet();
            }
            then.run();
        }
    }
}
