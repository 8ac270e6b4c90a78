package ai.neuronetz.gateway;

import ai.neuronetz.gateway.upstream.UpstreamReceiver;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds an upstream to the order of its calls. What comes too early or twice cuts the answer, what comes after the end is not
 * heard, and whatever is thrown on the way cuts it as well. Does not throw.
 */
final class CheckedReceiver implements UpstreamReceiver {

    private static final Logger LOG = LoggerFactory.getLogger(CheckedReceiver.class);

    private enum Expected {
        HEAD,
        BODY,
        NOTHING
    }

    private final Relay relay;
    private final String upstream;
    private final UUID requestId;
    private volatile Expected expected = Expected.HEAD;
    private volatile boolean told;

    CheckedReceiver(Relay relay, Object upstream, UUID requestId) {
        this.relay = relay;
        this.upstream = upstream.getClass().getName();
        this.requestId = requestId;
    }

    @Override
    public void onHead(int status, String contentType) {
        if (inTurn("onHead", Expected.HEAD)) {
            expected = Expected.BODY;
            relay.guarded(() -> relay.onHead(status, contentType));
        }
    }

    @Override
    public void onBytes(ByteBuffer bytes, Runnable demand) {
        if (inTurn("onBytes", Expected.BODY)) {
            relay.guarded(() -> relay.onBytes(bytes, () -> relay.guarded(demand)));
        }
    }

    @Override
    public void onEnd() {
        if (inTurn("onEnd", Expected.BODY)) {
            expected = Expected.NOTHING;
            relay.guarded(relay::onEnd);
        }
    }

    @Override
    public void onFailure(Failure failure) {
        if (expected == Expected.NOTHING) {
            inTurn("onFailure", Expected.BODY);
            return;
        }
        expected = Expected.NOTHING;
        relay.guarded(() -> relay.onFailure(failure));
    }

    private boolean inTurn(String call, Expected turn) {
        Expected now = expected;
        if (now == turn) {
            return true;
        }
        if (!told) {
            told = true;
            LOG.error("the upstream ({}) called {} out of turn at request {}", upstream, call, requestId);
        }
        if (now != Expected.NOTHING) {
            expected = Expected.NOTHING;
            relay.guarded(() -> relay.onFailure(Failure.BROKEN));
        }
        return false;
    }
}
