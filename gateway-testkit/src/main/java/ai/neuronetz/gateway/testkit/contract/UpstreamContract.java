package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.upstream.Upstream;
import ai.neuronetz.gateway.upstream.UpstreamCall;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an {@link Upstream} promises. */
public abstract class UpstreamContract extends SpiContract {

    private static final Duration AT_ONCE = Duration.ofSeconds(1);
    private static final int LONG_ANSWER = 16 << 20;

    private final Reservations reservations = new Reservations();
    private final ScriptedOllama ollama = ScriptedOllama.start();

    /** The implementation, before a model server at this address; the same for all calls of one test. */
    protected abstract Upstream upstream(URI ollama);

    @AfterEach
    final void closeModelServer() {
        ollama.close();
    }

    @Test
    void an_answer_is_a_head_then_bytes_then_one_end() {
        Heard heard = send(upstream(ollama.uri()));

        heard.awaitOver();

        assertThat(heard.events()).containsExactly("head 200", "end");
        assertThat(heard.text()).isEqualTo(ScriptedOllama.ANSWER);
        assertThat(ollama.received()).containsExactly("/api/chat " + Reservations.BODY);
    }

    @Test
    void a_receiver_is_called_by_one_thread_at_a_time_and_each_hears_its_own_answer() {
        Upstream upstream = upstream(ollama.uri());

        List<Heard> all = atOnce(16, caller -> send(upstream));

        for (Heard heard : all) {
            heard.awaitOver();
            assertThat(heard.events()).containsExactly("head 200", "end");
            assertThat(heard.text()).isEqualTo(ScriptedOllama.ANSWER);
        }
    }

    @Test
    void a_reservation_is_sent_once() {
        Upstream upstream = upstream(ollama.uri());
        Reservation reservation = reservations.next();
        Heard first = new Heard();
        upstream.send(reservation, first);
        first.awaitOver();

        assertThatThrownBy(() -> upstream.send(reservation, new Heard())).isInstanceOf(IllegalStateException.class);
        send(upstream).awaitOver();
        assertThat(ollama.received()).hasSize(2);
    }

    @Test
    void a_reservation_that_is_settled_is_not_sent() {
        Upstream upstream = upstream(ollama.uri());
        Reservation reservation = reservations.next();
        reservation.settle(Settlement.notForwarded(1));

        assertThatThrownBy(() -> upstream.send(reservation, new Heard())).isInstanceOf(IllegalStateException.class);
        send(upstream).awaitOver();
        assertThat(ollama.received()).hasSize(1);
    }

    @Test
    void a_server_that_is_not_there_is_one_failure() {
        ollama.close();

        Heard heard = send(upstream(ollama.uri()));

        heard.awaitOver();
        assertThat(heard.events()).containsExactly("UNREACHABLE");
    }

    @Test
    void an_answer_that_breaks_off_is_one_failure_and_no_end_and_is_not_asked_for_again() {
        ollama.next(ScriptedOllama.Manner.BREAK_OFF);

        Heard heard = send(upstream(ollama.uri()));

        heard.awaitOver();
        assertThat(heard.events()).containsExactly("head 200", "BROKEN");
        assertThat(ollama.received()).hasSize(1);
    }

    @Test
    void a_redirect_is_an_answer_and_is_not_followed() {
        ollama.next(ScriptedOllama.Manner.REDIRECT);

        Heard heard = send(upstream(ollama.uri()));

        heard.awaitOver();
        assertThat(heard.events()).containsExactly("head 302", "end");
        assertThat(ollama.received()).hasSize(1);
    }

    @Test
    void sending_does_not_wait_for_the_server_and_a_call_that_was_cut_is_not_heard_of_again() {
        Upstream upstream = upstream(ollama.uri());
        ollama.next(ScriptedOllama.Manner.SILENT);
        Heard cut = new Heard();
        UpstreamCall call = within(AT_ONCE, () -> upstream.send(reservations.next(), cut));
        eventually("the server has the request", () -> ollama.received().size() == 1);

        call.cancel();
        call.cancel();
        ollama.speak();

        send(upstream).awaitOver();
        assertThat(cut.events()).isEmpty();
    }

    @Test
    void nothing_is_read_far_ahead_of_the_demand() {
        Upstream upstream = upstream(ollama.uri());
        ollama.next(ScriptedOllama.Manner.LONG, LONG_ANSWER);
        Heard slow = Heard.paused();
        upstream.send(reservations.next(), slow);
        eventually("bytes have come", () -> slow.length() > 0);

        assertThat(lengthAtRest(slow)).isLessThan(1 << 20);

        slow.resume();
        slow.awaitOver();
        assertThat(slow.length()).isEqualTo(LONG_ANSWER);
    }

    @Test
    void closing_cuts_what_is_open() {
        Upstream upstream = upstream(ollama.uri());
        ollama.next(ScriptedOllama.Manner.SILENT);
        send(upstream);
        eventually("the server has the request", () -> ollama.received().size() == 1);

        assertThat(within(Duration.ofSeconds(5), () -> {
                    upstream.close();
                    return true;
                }))
                .isTrue();
        eventually("the connection is cut", ollama::silentCallerGone);
    }

    /** How much has come when nothing more does. */
    private static int lengthAtRest(Heard heard) {
        int length = heard.length();
        int before = -1;
        while (length != before) {
            before = length;
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            length = heard.length();
        }
        return length;
    }

    private Heard send(Upstream upstream) {
        Heard heard = new Heard();
        upstream.send(reservations.next(), heard);
        return heard;
    }
}
