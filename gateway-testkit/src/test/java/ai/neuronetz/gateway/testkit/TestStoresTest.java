package ai.neuronetz.gateway.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.neuronetz.gateway.testkit.TestStores.Choice;
import ai.neuronetz.gateway.testkit.TestStores.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class TestStoresTest {

    private static TestStores chosen(Map<String, String> properties, Map<String, String> variables) {
        return TestStores.chosen(properties::get, variables::get);
    }

    @Nested
    class Choosing {

        @Test
        void embedded_ones_unless_something_else_is_asked_for() {
            TestStores stores = chosen(Map.of(), Map.of());

            assertThat(stores.postgresChoice()).isEqualTo(new Choice(Kind.EMBEDDED, ""));
            assertThat(stores.redisChoice()).isEqualTo(new Choice(Kind.EMBEDDED, ""));
        }

        @Test
        void a_url_is_taken_for_the_store_it_names_and_a_property_goes_before_the_variable() {
            TestStores stores = chosen(
                    Map.of("gateway.test.redis-url", "redis://property"),
                    Map.of("GATEWAY_TEST_REDIS_URL", "redis://variable", "GATEWAY_TEST_STORES", "containers"));

            assertThat(stores.redisChoice()).isEqualTo(new Choice(Kind.GIVEN, "redis://property"));
            assertThat(stores.postgresChoice()).isEqualTo(new Choice(Kind.CONTAINER, ""));
        }

        @Test
        void an_unknown_kind_is_named() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> chosen(Map.of(), Map.of("GATEWAY_TEST_STORES", "docker")))
                    .withMessage("GATEWAY_TEST_STORES: docker (expected: embedded or containers)");
        }

        @Test
        void containers_without_an_engine_are_refused_and_not_replaced() {
            assumeThat(ContainerStores.engineAnswers()).isFalse();

            assertThatIllegalStateException()
                    .isThrownBy(() -> chosen(Map.of("gateway.test.stores", "containers"), Map.of())
                            .redis())
                    .withMessageContaining("no Docker engine answers");
        }

        @Test
        void a_url_that_is_none_is_refused_without_its_password() {
            for (String url :
                    new String[] {"postgresql://u:secret@", "mysql://u:secret@h/d", "postgresql://h/d", "x y"}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> TestPostgres.at(url))
                        .withMessageStartingWith("not a PostgreSQL URL")
                        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
            }
            for (String url :
                    new String[] {"redis://:secret@", "redis+cluster://h", "redis://secret@h", "redis://h/x"}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> TestRedis.at(url))
                        .withMessageStartingWith("not a Redis URL")
                        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
            }
        }
    }

    @Nested
    class OnServersThatWereGiven {

        @Test
        void a_gateway_has_a_database_of_its_own_in_each_and_leaves_nothing_there() throws Exception {
            try (TestPostgres server = TestPostgres.start();
                    TestRedis redis = TestRedis.start()) {
                String databaseUrl = server.createDatabase().url();
                TestPostgres given = TestPostgres.at(databaseUrl);
                TestDatabase database;
                try (TestRedis first = TestRedis.at(redis.url());
                        TestGateway gateway = TestGateway.builder()
                                .postgres(given)
                                .redis(first)
                                .start()) {
                    database = gateway.database();
                    assertThat(first.url()).endsWith("/1");
                    assertThat(chat(gateway.url(), gateway.tenant().key().secret()))
                            .isEqualTo(200);
                    gateway.verify();
                    try (TestRedis second = TestRedis.at(redis.url())) {
                        assertThat(second.url()).endsWith("/2");
                    }
                    assertThatIllegalStateException().isThrownBy(first::stop);
                    assertThatIllegalStateException().isThrownBy(given::stop);
                }

                assertThatThrownBy(database::connect).isInstanceOf(SQLException.class);
                assertThat(new RedisCommands(redis.host(), redis.port(), null, null, 0, false).run("INFO", "keyspace"))
                        .doesNotContain("db");
            }
        }

        @Test
        void a_server_with_somebody_elses_gateway_is_left_alone() {
            try (TestPostgres server = TestPostgres.start()) {
                TestDatabase theirs = server.createDatabase();
                TestSchema.migrate(theirs);

                assertThatIllegalStateException()
                        .isThrownBy(() -> TestPostgres.at(theirs.url()).createDatabase())
                        .withMessageContaining("has a role gateway_app that the testkit did not make");
            }
        }

        @Test
        void a_database_with_somebody_elses_keys_is_neither_taken_nor_emptied() {
            try (TestRedis redis = TestRedis.start()) {
                RedisCommands third = new RedisCommands(redis.host(), redis.port(), null, null, 3, false);
                third.run("SET", "theirs", "1");

                assertThatIllegalStateException()
                        .isThrownBy(() -> TestRedis.at(redis.url() + "/3"))
                        .withMessageContaining("no empty database");
                TestRedis taken = TestRedis.at(redis.url() + "/4");
                RedisCommands fourth = third.in(4);
                fourth.run("FLUSHDB");
                fourth.run("SET", "theirs", "1");
                taken.close();

                assertThat(third.run("GET", "theirs")).isEqualTo("1");
                assertThat(fourth.run("GET", "theirs")).isEqualTo("1");
                assertThatCode(taken::close).doesNotThrowAnyException();
            }
        }

        private static int chat(URI url, String secret) throws Exception {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(url.resolve("/api/chat"))
                                    .header("Authorization", "Bearer " + secret)
                                    .POST(HttpRequest.BodyPublishers.ofString(MockClient.CHAT))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
