package ai.neuronetz.gateway.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The container and the upstream meet within nanoseconds, again and again, which a real container does once in many thousand answers. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ResponseStreamRaceTest {

    private static final int TURNS = 5_000;

    private final ExecutorService container = Executors.newSingleThreadExecutor();
    private final Deadlines deadlines = new Deadlines(Duration.ofSeconds(30));

    @AfterEach
    void stop() {
        container.shutdownNow();
        deadlines.close();
    }

    @Test
    void an_end_asked_for_right_after_the_last_write_never_overtakes_it() throws Exception {
        int cutShort = 0;
        for (int turn = 0; turn < TURNS; turn++) {
            Exchange exchange = new Exchange();
            ResponseStream stream = exchange.opened();
            AtomicInteger ready = new AtomicInteger();
            container.execute(() -> {
                meet(ready);
                while (exchange.completed.getCount() > 0) {
                    stream.onWritePossible();
                }
            });
            meet(ready);
            pause(turn % 256);
            stream.write(ByteBuffer.wrap(new byte[] {'.'}), () -> {});
            stream.end();

            assertThat(exchange.completed.await(10, TimeUnit.SECONDS)).isTrue();
            cutShort += exchange.output.written == 1 ? 0 : 1;
        }

        assertThat(cutShort)
                .describedAs("answers that ended before their last write")
                .isZero();
    }

    @Test
    void a_client_that_leaves_with_the_last_byte_has_had_the_answer() throws Exception {
        Exchange exchange = new Exchange();
        List<String> heard = new ArrayList<>();
        exchange.onGone = () -> heard.add("gone");
        ResponseStream stream = exchange.opened();
        exchange.output.onWrite = stream::clientLeft;
        stream.onWritePossible();

        stream.write(ByteBuffer.wrap(new byte[] {'.'}), () -> heard.add("written"));

        assertThat(heard).containsExactly("written", "gone");
    }

    @Test
    void a_client_that_left_before_the_last_byte_has_not() throws Exception {
        Exchange exchange = new Exchange();
        List<String> heard = new ArrayList<>();
        exchange.onGone = () -> heard.add("gone");
        ResponseStream stream = exchange.opened();
        stream.clientLeft();
        stream.onWritePossible();

        stream.write(ByteBuffer.wrap(new byte[] {'.'}), () -> heard.add("written"));

        assertThat(heard).containsExactly("gone");
        assertThat(exchange.output.written).isZero();
    }

    private static void meet(AtomicInteger ready) {
        ready.incrementAndGet();
        while (ready.get() < 2) {
            Thread.onSpinWait();
        }
    }

    private static void pause(int spins) {
        for (int spin = 0; spin < spins; spin++) {
            Thread.onSpinWait();
        }
    }

    /** An exchange whose client takes everything at once. */
    private final class Exchange {

        private final Output output = new Output();
        private Runnable onGone = () -> {};
        private final CountDownLatch completed = new CountDownLatch(1);

        ResponseStream opened() throws Exception {
            HttpServletRequest request = only(HttpServletRequest.class, (proxy, method, arguments) -> null);
            HttpServletResponse response =
                    only(HttpServletResponse.class, (proxy, method, arguments) -> switch (method.getName()) {
                        case "getOutputStream" -> output;
                        case "isCommitted" -> true;
                        default -> null;
                    });
            AsyncContext async = only(AsyncContext.class, (proxy, method, arguments) -> {
                completed.countDown();
                return null;
            });
            ResponseStream stream =
                    new ResponseStream(request, response, async, deadlines, TimeUnit.SECONDS.toNanos(30), onGone);
            stream.open(false);
            return stream;
        }

        private <T> T only(Class<T> type, InvocationHandler handler) {
            return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
        }
    }

    private static final class Output extends ServletOutputStream {

        private volatile int written;
        private Runnable onWrite = () -> {};

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {}

        @Override
        public void write(int octet) {
            written++;
            onWrite.run();
        }
    }
}
