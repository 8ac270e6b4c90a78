package ai.neuronetz.gateway.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.ollama.InferenceRequest;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How long it takes to read a body of 256 KiB strictly, check it, and write it anew, beside Jackson's own way of reading it into
 * a tree and writing that, which checks nothing.
 */
final class RequestReadingBenchmark {

    private static final int LENGTH = 256 << 10;
    private static final int CALLS = 2_000;
    private static final int WARM_UP = 1_000;

    private interface Work {
        Object run(byte[] body) throws IOException;
    }

    private RequestReadingBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        ObjectMapper usual = new ObjectMapper();
        Work ours = RequestReadingBenchmark::readAndWrite;
        Work rival = body -> usual.writeValueAsBytes(usual.readTree(body));
        System.out.printf("%d bodies of %d bytes each, in turns%n", CALLS, LENGTH);
        for (Map.Entry<String, byte[]> body : bodies().entrySet()) {
            double[][] millis = measure(body.getValue(), ours, rival);
            System.out.printf(
                    Locale.ROOT,
                    "%s: gateway p50 %.2f p99 %.2f max %.2f ms; Jackson alone p50 %.2f p99 %.2f max %.2f ms%n",
                    body.getKey(),
                    percentile(millis[0], 50),
                    percentile(millis[0], 99),
                    percentile(millis[0], 100),
                    percentile(millis[1], 50),
                    percentile(millis[1], 99),
                    percentile(millis[1], 100));
        }
    }

    private static double[][] measure(byte[] body, Work... works) throws IOException {
        double[][] millis = new double[works.length][CALLS];
        for (int call = -WARM_UP; call < CALLS; call++) {
            for (int work = 0; work < works.length; work++) {
                long begin = System.nanoTime();
                Object result = works[work].run(body);
                double took = (System.nanoTime() - begin) / 1e6;
                if (result == null) {
                    throw new IllegalStateException("nothing was done");
                }
                if (call >= 0) {
                    millis[work][call] = took;
                }
            }
        }
        return millis;
    }

    private static Object readAndWrite(byte[] body) {
        if (InferenceRequest.read(Endpoint.CHAT, body) instanceof InferenceRequest.Read read
                && read.request().write("m", 100) instanceof InferenceRequest.Written written) {
            return written.request();
        }
        throw new IllegalStateException("refused");
    }

    private static Map<String, byte[]> bodies() {
        Map<String, byte[]> bodies = new LinkedHashMap<>();
        bodies.put("one long text", body("'messages':[{'role':'user','content':'", "lorem ipsum ", "'}]"));
        bodies.put("text in Chinese", body("'messages':[{'role':'user','content':'", "你好世界", "'}]"));
        bodies.put("escapes", body("'messages':[{'role':'user','content':'", "\\u00e9\\n", "'}]"));
        bodies.put(
                "900 messages",
                body(
                        "'messages':[",
                        "{'role':'user','content':'" + "how are you? ".repeat(20) + "'},",
                        "{'role':'user','content':'hi'}]"));
        bodies.put(
                "a tool with many values",
                body(
                        "'messages':[{'role':'user','content':'hi'}],'tools':[{'type':'function','function':{'name':'f',"
                                + "'parameters':{'enum':[",
                        "{'type':'string','const':'abc'},",
                        "1]}}}]"));
        return bodies;
    }

    /** As often the middle as fits, and blanks at the end, so that all are of one length. */
    private static byte[] body(String begin, String middle, String end) {
        String first = "{'model':'m'," + begin;
        int room = LENGTH - first.length() - end.length() - 1;
        String body = first + middle.repeat(room / middle.getBytes(UTF_8).length) + end + "}";
        byte[] bytes = body.replace('\'', '"').getBytes(UTF_8);
        byte[] padded = Arrays.copyOf(bytes, LENGTH);
        Arrays.fill(padded, bytes.length, LENGTH, (byte) ' ');
        return padded;
    }

    private static double percentile(double[] millis, double percent) {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(percent / 100 * sorted.length) - 1)];
    }
}
