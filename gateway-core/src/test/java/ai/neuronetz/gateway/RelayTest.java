package ai.neuronetz.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.access.Authorization;
import ai.neuronetz.gateway.accounting.Observation;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import ai.neuronetz.gateway.ollama.TokenCount;
import ai.neuronetz.gateway.upstream.UpstreamReceiver.Failure;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** How an admitted exchange ends: whatever happens after its end, it is accounted once. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RelayTest {

    private static final String NDJSON = "application/x-ndjson";
    private static final String JSON = "application/json; charset=utf-8";

    private static final String LONG =
            Frames.LAST.strip().replace("\"content\":\"\"", "\"content\":\"" + "0123456789".repeat(20_000) + "\"");

    private final ScriptedStages stages = new ScriptedStages();
    private final GatewayPipeline pipeline = stages.pipeline();
    private final AtomicInteger demands = new AtomicInteger();

    @Test
    void a_complete_stream_reaches_the_client_whole_and_with_its_counts() {
        RecordedExchange client = streaming(RecordedExchange.chat());
        stages.ollama().onBytes(Frames.last(), demands::incrementAndGet);
        stages.ollama().onEnd();

        Observation seen = accountedOnce(client, Outcome.COMPLETED);
        assertThat(client.text()).isEqualTo(Frames.TOKEN + Frames.LAST);
        assertThat(client.streamEnded()).isTrue();
        assertThat(seen.finished()).isTrue();
        assertThat(seen.inputTokens()).isEqualTo(new TokenCount.Stated(5));
        assertThat(seen.outputTokens()).isEqualTo(new TokenCount.Stated(2));
        assertThat(seen.upstreamStatus()).isEqualTo(200);
        assertThat(stages.cancelled).as("a connection to use again").isZero();
    }

    @Test
    void a_whole_answer_is_answered_whole() {
        RecordedExchange client = answeredWhole(RecordedExchange.chat(), Frames.LAST);

        accountedOnce(client, Outcome.COMPLETED);
        assertThat(client.text()).isEqualTo(Frames.LAST.strip());
        assertThat(client.answers()).isEqualTo(1);
        assertThat(client.writes()).as("nothing to cut up").hasSize(1);
        assertThat(client.header("Content-Type")).isEqualTo(JSON);
        assertThat(client.header("Content-Length"))
                .isEqualTo(Integer.toString(client.text().length()));
        assertThat(client.header("X-Budget-Remaining")).isEqualTo("7");
        assertThat(client.header("X-Gateway-Adjusted")).isEqualTo("keep_alive");
        assertThat(client.streamEnded()).isTrue();
    }

    @Test
    void a_long_whole_answer_goes_out_in_slices_and_in_order() {
        RecordedExchange client = answeredWhole(RecordedExchange.chat(), LONG);

        accountedOnce(client, Outcome.COMPLETED);
        assertThat(client.text()).isEqualTo(LONG);
        assertThat(client.header("Content-Length")).isEqualTo(Integer.toString(LONG.length()));
        assertThat(client.writes())
                .containsExactly(
                        AnswerWriter.SLICE_BYTES,
                        AnswerWriter.SLICE_BYTES,
                        AnswerWriter.SLICE_BYTES,
                        LONG.length() - 3 * AnswerWriter.SLICE_BYTES);
    }

    @Test
    void a_whole_answer_keeps_its_places_until_its_last_slice_has_left() {
        RecordedExchange client = answeredWhole(RecordedExchange.chat().slow(), LONG);

        for (int slice = 1; slice <= 4; slice++) {
            assertThat(client.writes()).hasSize(slice);
            assertThat(client.streamEnded()).isFalse();
            assertThat(stages.observations).isEmpty();
            client.takeOne();
        }

        assertThat(client.streamEnded()).isTrue();
        accountedOnce(client, Outcome.COMPLETED);
    }

    @Test
    void a_client_gone_in_a_whole_answer_is_charged_what_ollama_reported() {
        RecordedExchange client = answeredWhole(RecordedExchange.chat().slow(), LONG);
        client.takeOne();

        client.leave();

        Observation seen = accountedOnce(client, Outcome.CLIENT_GONE);
        assertThat(seen.finished()).isTrue();
        assertThat(seen.outputTokens()).isEqualTo(new TokenCount.Stated(2));
        client.takeOne();
        assertThat(client.writes()).hasSize(2);
    }

    @Test
    void a_revoked_key_loses_its_whole_answer_at_once_and_without_an_error_in_its_body() {
        RecordedExchange client = answeredWhole(RecordedExchange.chat().slow(), LONG);

        pipeline.cut(ScriptedStages.PRINCIPAL.keyId());

        accountedOnce(client, Outcome.CUT);
        assertThat(client.aborted()).isTrue();
        assertThat(client.streamEnded()).isFalse();
        client.takeOne();
        assertThat(LONG).startsWith(client.text());
        assertThat(client.writes()).hasSize(1);
    }

    @Test
    void ollama_is_asked_for_more_only_when_the_client_has_taken_what_came() {
        RecordedExchange client = streaming(RecordedExchange.chat().slow());
        assertThat(demands).hasValue(0);

        client.takeOne();

        assertThat(demands).hasValue(1);
    }

    @Test
    void a_client_gone_before_any_answer_lets_ollama_go() {
        RecordedExchange client = served(RecordedExchange.chat());

        client.leave();

        accountedOnce(client, Outcome.CLIENT_GONE);
        assertThat(stages.cancelled).isEqualTo(1);
        assertThat(client.answers()).isZero();
    }

    @Test
    void a_client_gone_while_the_request_is_being_sent_lets_ollama_go() {
        RecordedExchange client = RecordedExchange.chat();
        stages.sending = client::leave;

        served(client);

        accountedOnce(client, Outcome.CLIENT_GONE);
        assertThat(stages.cancelled).isEqualTo(1);
    }

    @Test
    void a_client_gone_in_the_stream_lets_ollama_go() {
        RecordedExchange client = streaming(RecordedExchange.chat().slow());

        client.leave();

        Observation seen = accountedOnce(client, Outcome.CLIENT_GONE);
        assertThat(seen.frames()).isEqualTo(1);
        assertThat(stages.cancelled).isEqualTo(1);
    }

    @Test
    void an_ollama_that_was_not_reached_is_told_and_costs_nothing() {
        RecordedExchange client = served(RecordedExchange.chat());

        stages.ollama().onFailure(Failure.UNREACHABLE);

        assertThat(accountedOnce(client, Outcome.NOT_FORWARDED).forwarded()).isFalse();
        assertThat(client.status()).isEqualTo(502);
        assertThat(client.code()).isEqualTo("upstream_unreachable");
    }

    @Test
    void a_failure_before_the_head_has_its_own_status() {
        RecordedExchange slow = served(RecordedExchange.chat());
        stages.ollama().onFailure(Failure.TIMEOUT);
        assertThat(slow.status()).isEqualTo(504);
        assertThat(accountedOnce(slow, Outcome.UPSTREAM_FAILED).forwarded()).isTrue();

        stages.observations.clear();
        RecordedExchange broken = served(RecordedExchange.chat());
        stages.ollama().onFailure(Failure.BROKEN);
        assertThat(broken.status()).isEqualTo(502);
        accountedOnce(broken, Outcome.UPSTREAM_FAILED);
    }

    @Test
    void a_status_of_ollamas_is_told_by_its_meaning_and_without_its_text() {
        RecordedExchange client = served(RecordedExchange.chat());

        stages.ollama().onHead(500, JSON);
        stages.ollama().onBytes(Frames.bytes("{\"error\":\"/root/.ollama is full\"}"), demands::incrementAndGet);
        stages.ollama().onEnd();

        accountedOnce(client, Outcome.UPSTREAM_FAILED);
        assertThat(client.status()).isEqualTo(502);
        assertThat(client.text()).doesNotContain("full");
        assertThat(stages.cancelled).isEqualTo(1);
    }

    @Test
    void a_redirect_of_ollamas_is_a_failure() {
        RecordedExchange client = served(RecordedExchange.chat());

        stages.ollama().onHead(302, "");

        accountedOnce(client, Outcome.UPSTREAM_FAILED);
        assertThat(client.code()).isEqualTo("upstream_error");
    }

    @Test
    void a_content_type_that_was_not_expected_is_a_failure() {
        RecordedExchange client = served(RecordedExchange.chat());

        stages.ollama().onHead(200, "text/html");

        accountedOnce(client, Outcome.UPSTREAM_FAILED);
        assertThat(client.code()).isEqualTo("upstream_error");
    }

    @Test
    void a_stream_that_breaks_ends_with_an_error_frame() {
        RecordedExchange client = streaming(RecordedExchange.chat());

        stages.ollama().onFailure(Failure.BROKEN);

        accountedOnce(client, Outcome.UPSTREAM_FAILED);
        assertThat(client.text()).startsWith(Frames.TOKEN).endsWith("\"}\n");
        assertThat(client.code()).isEqualTo("upstream_incomplete");
        assertThat(client.streamEnded()).isTrue();
    }

    @Test
    void a_stream_that_ends_without_its_last_frame_is_incomplete() {
        RecordedExchange client = streaming(RecordedExchange.chat());

        stages.ollama().onEnd();

        accountedOnce(client, Outcome.UPSTREAM_FAILED);
        assertThat(client.code()).isEqualTo("upstream_incomplete");
    }

    @Test
    void an_answer_of_one_frame_more_than_the_cap_is_cut() {
        RecordedExchange client = streaming(RecordedExchange.chat());
        for (int frame = 2; frame <= ScriptedStages.OUTPUT_CAP; frame++) {
            stages.ollama().onBytes(Frames.token(), demands::incrementAndGet);
        }
        assertThat(stages.observations).isEmpty();

        stages.ollama().onBytes(Frames.token(), demands::incrementAndGet);

        accountedOnce(client, Outcome.UPSTREAM_FAILED);
        assertThat(client.code()).isEqualTo("upstream_incomplete");
        assertThat(stages.cancelled).isEqualTo(1);
    }

    @Test
    void an_error_frame_waits_for_the_write_under_way() {
        RecordedExchange client = streaming(RecordedExchange.chat().slow());

        stages.ollama().onFailure(Failure.TIMEOUT);
        assertThat(client.text()).isEqualTo(Frames.TOKEN);
        assertThat(stages.observations).isEmpty();
        client.takeOne();
        assertThat(client.code()).isEqualTo("upstream_timeout");
        client.takeOne();

        accountedOnce(client, Outcome.UPSTREAM_FAILED);
    }

    @Test
    void a_client_that_leaves_with_an_error_frame_on_its_way_is_accounted_as_what_came_first() {
        RecordedExchange client = streaming(RecordedExchange.chat().slow());
        stages.ollama().onFailure(Failure.TIMEOUT);

        client.leave();

        accountedOnce(client, Outcome.UPSTREAM_FAILED);
    }

    @Test
    void an_upstream_that_throws_after_it_took_the_request_may_have_sent_it() {
        stages.sending = () -> {
            throw new IllegalStateException("unforeseen");
        };

        RecordedExchange client = served(RecordedExchange.chat());

        assertThat(client.code()).isEqualTo("internal_error");
        assertThat(stages.observations).hasSize(1);
        assertThat(stages.observations.get(0).outcome()).isEqualTo(Outcome.UPSTREAM_FAILED);
        assertThat(stages.observations.get(0).forwarded()).isTrue();
    }

    @Test
    void a_stop_cuts_an_open_stream_with_an_error_frame_after_the_grace() {
        RecordedExchange client = streaming(RecordedExchange.chat());
        long before = System.nanoTime();

        pipeline.drain(Duration.ofMillis(200));

        assertThat(System.nanoTime() - before).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(190));
        accountedOnce(client, Outcome.CUT);
        assertThat(client.text()).startsWith(Frames.TOKEN);
        assertThat(client.code()).isEqualTo("shutting_down");
        assertThat(client.streamEnded()).isTrue();
        assertThat(stages.cancelled).isEqualTo(1);
    }

    @Test
    void a_stop_lets_a_stream_end_within_the_grace() throws InterruptedException {
        RecordedExchange client = streaming(RecordedExchange.chat());
        Thread stop = new Thread(() -> pipeline.drain(Duration.ofMinutes(1)));
        stop.start();

        stages.ollama().onBytes(Frames.last(), demands::incrementAndGet);
        stages.ollama().onEnd();

        stop.join(TimeUnit.SECONDS.toMillis(10));
        assertThat(stop.isAlive()).isFalse();
        assertThat(client.text()).isEqualTo(Frames.TOKEN + Frames.LAST);
        accountedOnce(client, Outcome.COMPLETED);
    }

    @Test
    void a_revoked_key_loses_its_streams_and_no_other_does() {
        RecordedExchange client = streaming(RecordedExchange.chat());

        assertThat(pipeline.cut(new KeyId("BBBBBBBBBBBB"))).isZero();
        assertThat(client.streamEnded()).isFalse();
        assertThat(pipeline.cut(ScriptedStages.PRINCIPAL.keyId())).isEqualTo(1);

        accountedOnce(client, Outcome.CUT);
        assertThat(client.code()).isEqualTo("invalid_api_key");
    }

    @Test
    void close_cuts_what_is_open_before_it_closes_the_upstream() {
        RecordedExchange client = streaming(RecordedExchange.chat());

        pipeline.close();

        accountedOnce(client, Outcome.CUT);
        assertThat(stages.events).endsWith("account", "close");
    }

    private RecordedExchange served(RecordedExchange client) {
        pipeline.serve(client);
        return client;
    }

    /** With all of its answer there, and perhaps on its way to the client. */
    private RecordedExchange answeredWhole(RecordedExchange client, String answer) {
        stages.authorization = () -> new Authorization.Granted(ScriptedStages.grant(false));
        served(client);
        stages.ollama().onHead(200, JSON);
        stages.ollama().onBytes(Frames.bytes(answer), demands::incrementAndGet);
        stages.ollama().onEnd();
        return client;
    }

    /** With one frame on its way to the client. */
    private RecordedExchange streaming(RecordedExchange client) {
        served(client);
        stages.ollama().onHead(200, NDJSON);
        stages.ollama().onBytes(Frames.token(), demands::incrementAndGet);
        assertThat(client.status()).isEqualTo(200);
        return client;
    }

    /** Lets everything happen that can come too late, and looks whether it changes anything. */
    private Observation accountedOnce(RecordedExchange client, Outcome outcome) {
        assertThat(stages.observations).hasSize(1);
        String told = client.text();
        int answers = client.answers();

        stages.ollama().onBytes(Frames.token(), () -> {});
        stages.ollama().onEnd();
        stages.ollama().onFailure(Failure.BROKEN);
        client.leave();
        pipeline.cut(ScriptedStages.PRINCIPAL.keyId());

        assertThat(stages.observations).extracting(Observation::outcome).containsExactly(outcome);
        assertThat(client.text()).isEqualTo(told);
        assertThat(client.answers()).isEqualTo(answers);
        return stages.observations.get(0);
    }
}
