package ai.neuronetz.gateway.acceptance;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.neuronetz.gateway.admin.Administration.AuditRow;
import ai.neuronetz.gateway.testkit.GatewayExtension;
import ai.neuronetz.gateway.testkit.TestGateway;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The question is bound to 325 tokens (256, one message, 5 bytes), its answer to 4096. */
@ExtendWith(GatewayExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class AccountingAcceptanceTest {

    private static final long INPUT_BOUND = 256 + 64 + 5;
    private static final long RESERVED = INPUT_BOUND + 4096;
    private static final String TEXT = "Hi there";

    @SuppressWarnings("NullAway.Init")
    private static TestGateway gateway;

    @BeforeAll
    static void start(TestGateway started) {
        gateway = started;
    }

    /** The four forms of an answer, with room for whatever Ollama says its counts are. */
    private enum Form {
        NATIVE_STREAM("/api/chat", TestClient.CHAT, "application/x-ndjson", "\"done\":true", """
                {"model":"m","created_at":"t","message":{"role":"assistant","content":"TEXT"},"done":false}
                {"model":"m","created_at":"t","message":{"role":"assistant","content":""},"done":true,\
                "prompt_eval_count":INPUT,"eval_count":OUTPUT}
                """),
        NATIVE_WHOLE("/api/chat", TestClient.CHAT_WHOLE, "application/json; charset=utf-8", "\"done\":true", """
                {"model":"m","created_at":"t","message":{"role":"assistant","content":"TEXT"},"done":true,\
                "prompt_eval_count":INPUT,"eval_count":OUTPUT}"""),
        OPENAI_STREAM("/v1/chat/completions", TestClient.CHAT_SSE, "text/event-stream", "data: [DONE]", """
                data: {"id":"c","choices":[{"index":0,"delta":{"content":"TEXT"},"finish_reason":"stop"}]}

                data: {"id":"c","choices":[],"usage":{"prompt_tokens":INPUT,"completion_tokens":OUTPUT}}

                data: [DONE]

                """),
        OPENAI_WHOLE("/v1/chat/completions", TestClient.CHAT, "application/json", "\"finish_reason\":\"stop\"", """
                {"id":"c","choices":[{"index":0,"message":{"content":"TEXT"},"finish_reason":"stop"}],\
                "usage":{"prompt_tokens":INPUT,"completion_tokens":OUTPUT}}""");

        private final String path;
        private final String question;
        private final String type;
        private final String end;
        private final String answer;

        Form(String path, String question, String type, String end, String answer) {
            this.path = path;
            this.question = question;
            this.type = type;
            this.end = end;
            this.answer = answer;
        }

        String with(String input, String output) {
            return answer.replace("TEXT", TEXT).replace("INPUT", input).replace("OUTPUT", output);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "null, missing",
                "0, missing",
                "-1, negative",
                "1e999, malformed",
                "\"12\", malformed",
                "1.5, malformed",
                "true, malformed",
                "9e18, malformed",
                "9000000000000000000, huge",
                "999999999999, huge"
            })
    void a_count_that_cannot_be_believed_breaks_no_answer_and_makes_none_cheaper(String count, String kind) {
        boolean huge = kind.equals("huge");
        for (Form form : Form.values()) {
            double before = rejected(kind);

            AuditRow input = charged(form, count, "42");
            assertThat(input.basis()).as("input, %s", form).isEqualToIgnoringCase("reported_bound");
            assertThat(input.inputTokens()).isNull();
            assertThat(input.charged()).isEqualTo(INPUT_BOUND + 42);

            AuditRow output = charged(form, "17", count);
            assertThat(output.basis()).as("output, %s", form).isEqualToIgnoringCase(huge ? "upper_bound" : "observed");
            assertThat(output.outputTokens()).isNull();
            assertThat(output.charged()).isEqualTo(huge ? RESERVED : INPUT_BOUND + TEXT.length());

            assertThat(rejected(kind)).as("%s", form).isEqualTo(before + 2);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Form.class,
            names = {"NATIVE_STREAM", "OPENAI_STREAM"})
    void less_output_than_frames_that_were_seen_is_charged_by_the_frames(Form form) {
        TestGateway.Tenant tenant = gateway.tenant();
        double before = rejected("understated");
        gateway.ollama().counts(17, 2);

        String answer = ask(tenant, form).body();

        AuditRow row = onlyRow(tenant);
        assertThat(answer).contains(form.end);
        assertThat(row.basis()).isEqualToIgnoringCase("observed");
        assertThat(row.outputTokens()).isEqualTo(2);
        assertThat(row.charged()).as("the twelve frames of the script").isEqualTo(17 + 12);
        assertThat(rejected("understated")).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void counts_that_are_left_out_are_charged_by_what_was_seen(Form form) {
        TestGateway.Tenant tenant = gateway.tenant();
        gateway.ollama().reply("a", "b", "c").omitCounts();

        assertThat(ask(tenant, form).body()).contains(form.end);

        assertThat(onlyRow(tenant).basis()).isEqualToIgnoringCase("observed");
        assertThat(onlyRow(tenant).charged()).isEqualTo(INPUT_BOUND + 3);
    }

    @ParameterizedTest
    @EnumSource(
            value = Form.class,
            names = {"NATIVE_WHOLE", "OPENAI_WHOLE"})
    void a_whole_answer_that_is_cut_is_charged_by_the_bytes_that_came(Form form) {
        TestGateway.Tenant tenant = gateway.tenant();
        String cut = form.with("1", "1").substring(0, 60);
        answerWith(form, cut);

        assertThat(ask(tenant, form).statusCode()).isEqualTo(502);

        assertThat(onlyRow(tenant).basis()).isEqualToIgnoringCase("observed");
        assertThat(onlyRow(tenant).charged()).isEqualTo(INPUT_BOUND + cut.length());
    }

    @Test
    void what_came_of_a_cut_answer_is_charged_up_to_the_reservation() {
        TestGateway.Tenant tenant = gateway.tenant();
        answerWith(Form.NATIVE_WHOLE, "{" + "x".repeat(100_000));

        assertThat(ask(tenant, Form.NATIVE_WHOLE).statusCode()).isEqualTo(502);

        assertThat(onlyRow(tenant).charged()).isEqualTo(RESERVED);
    }

    private AuditRow charged(Form form, String input, String output) {
        TestGateway.Tenant tenant = gateway.tenant();
        answerWith(form, form.with(input, output));

        HttpResponse<String> answer = ask(tenant, form);

        assertThat(answer.statusCode()).as("%s %s %s", form, input, output).isEqualTo(200);
        assertThat(answer.body()).contains(TEXT, form.end);
        return onlyRow(tenant);
    }

    private static void answerWith(Form form, String body) {
        gateway.ollama().reset();
        gateway.ollama()
                .stub(post(urlPathEqualTo(form.path))
                        .willReturn(aResponse()
                                .withHeader("Content-Type", form.type)
                                .withBody(body)));
    }

    private static HttpResponse<String> ask(TestGateway.Tenant tenant, Form form) {
        return new TestClient(gateway.url(), tenant.key().secret()).post(form.path, form.question);
    }

    private static AuditRow onlyRow(TestGateway.Tenant tenant) {
        await().atMost(Duration.ofSeconds(10)).until(() -> settled(tenant) != null);
        AuditRow row = settled(tenant);
        assertThat(row).isNotNull();
        return row;
    }

    private static @Nullable AuditRow settled(TestGateway.Tenant tenant) {
        List<AuditRow> rows = gateway.administration().audit(tenant.id(), 10).stream()
                .filter(row -> row.kind().equals("request"))
                .toList();
        return rows.size() == 1 && rows.get(0).basis() != null ? rows.get(0) : null;
    }

    private static double rejected(String kind) {
        return gateway.metrics()
                .get("gateway.accounting.counts.rejected")
                .tag("kind", kind)
                .counter()
                .count();
    }
}
