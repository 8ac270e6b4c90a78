package ai.neuronetz.gateway.redis;

import static ai.neuronetz.gateway.redis.GateClient.await;
import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.identity.AuthFailures;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.metering.RateGate.GateResult;
import ai.neuronetz.gateway.testkit.TestRedisCluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three tenants, each on a node of its own. */
@Tag("slow")
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RedisClusterTest {

    private static final Pattern EVALSHA_CALLS = Pattern.compile("cmdstat_evalsha:calls=(\\d+)");

    private static TestRedisCluster cluster;

    private RedisStores stores;
    private List<GateClient> clients;

    @BeforeAll
    static void form() {
        cluster = TestRedisCluster.start("s3cret");
    }

    @AfterAll
    static void dissolve() {
        cluster.close();
    }

    @BeforeEach
    void a_tenant_on_each_node() {
        stores = open();
        clients = List.of(clientOn(0), clientOn(1), clientOn(2));
        clients.forEach(client -> client.rebuild(1));
    }

    @AfterEach
    void close() {
        stores.close();
    }

    @Test
    void tenants_on_every_node_are_counted() {
        for (GateClient client : clients) {
            GateFixture fixture = client.fixture;
            UUID request = UUID.randomUUID();

            assertThat(fixture.admit(request, fixture.principal(Limits.none(), Limits.none()), 100))
                    .isInstanceOf(GateResult.Admitted.class);
            fixture.settle(request, 70);

            assertThat(fixture.dump().toString()).contains("t:T ").contains("=70;");
        }
        assertThat(clients).extracting(client -> client.fixture.identity()).doesNotHaveDuplicates();
    }

    @Test
    void failed_authentications_are_counted_wherever_their_source_is_kept() {
        AuthFailures failures = stores.authFailures(2);
        for (int i = 0; i < 20; i++) {
            String source = "192.0.2." + i + "/" + UUID.randomUUID();

            assertThat(failures.record(source)).isZero();
            assertThat(failures.record(source)).isPositive();
            assertThat(failures.barredFor(source)).isPositive();
        }
    }

    @Test
    void a_node_that_is_killed_denies_its_tenants_only_and_knows_nothing_when_it_is_back() {
        int killed = otherThanTheProbes();
        cluster.stop(killed);
        try {
            for (int i = 0; i < 30; i++) {
                for (GateClient client : clients) {
                    boolean away = client == clients.get(killed);
                    await(away ? client::denies : client::admits);
                }
            }
        } finally {
            cluster.restart(killed);
        }

        await(clients.get(killed)::knowsNothing);
        clients.get(killed).rebuild(2);
        clients.forEach(GateClient::assertInTime);
    }

    @Test
    void a_gateway_that_starts_while_a_node_is_away_serves_the_tenants_of_the_others_and_then_all() {
        int killed = otherThanTheProbes();
        cluster.stop(killed);
        RedisStores late = null;
        try {
            late = open();
            for (int i = 0; i < clients.size(); i++) {
                GateClient client = new GateClient(late, clients.get(i).fixture.tenant);
                await(i == killed ? client::denies : client::admits);
            }
            cluster.restart(killed);
            GateClient back = new GateClient(late, clients.get(killed).fixture.tenant);
            await(back::knowsNothing);
        } finally {
            cluster.restart(killed);
            if (late != null) {
                late.close();
            }
        }
    }

    @Test
    void a_node_that_hangs_holds_up_no_other_and_runs_each_call_once() {
        GateClient hanging = clients.get(2);
        long before = scriptsRun(2);
        long asked = 20;
        cluster.pause(2);
        try {
            for (int i = 0; i < asked; i++) {
                assertThat(hanging.denies()).isTrue();
                await(clients.get(0)::admits);
                await(clients.get(1)::admits);
            }
        } finally {
            cluster.resume(2);
        }
        await(() -> !hanging.denies());

        // The probe's own calls come on top, if it is this node that it asks: two a second.
        long tolerated = clients.get(2) == hanging && cluster.nodeOf("gw:{probe}") == 2 ? 60 : 0;
        assertThat(scriptsRun(2) - before).isLessThanOrEqualTo(asked + 20 + tolerated);
        clients.forEach(GateClient::assertInTime);
    }

    @Test
    void a_wrong_password_is_denial() {
        String url = cluster.url().replace("s3cret", "wrong");
        try (RedisStores refused = RedisStores.open(RedisSettings.parse(url), new SimpleMeterRegistry())) {
            assertThat(refused.usable()).isFalse();
            assertThat(new GateClient(refused).denies()).isTrue();
        }
    }

    @Test
    void a_slot_that_moved_is_followed_and_its_tenants_are_unknown_there() {
        GateClient client = clients.get(0);
        String identity = client.fixture.identity();

        cluster.moveSlotOf(client.key(), 1);
        try {
            await(client::knowsNothing);
            assertThat(client.fixture.identity()).isNotEqualTo(identity);
            client.rebuild(2);
            assertThat(client.admits()).isTrue();
            client.assertInTime();
        } finally {
            cluster.moveSlotOf(client.key(), 0);
        }
    }

    /** The probe asks one node; a gateway whose probe fails is unhealthy as a whole. */
    private static int otherThanTheProbes() {
        return (cluster.nodeOf("gw:{probe}") + 1) % 3;
    }

    private static long scriptsRun(int node) {
        Matcher calls = EVALSHA_CALLS.matcher(cluster.command(node, "INFO", "commandstats"));
        return calls.find() ? Long.parseLong(calls.group(1)) : 0;
    }

    private static RedisStores open() {
        return RedisStores.open(RedisSettings.parse(cluster.url()), new SimpleMeterRegistry());
    }

    private GateClient clientOn(int node) {
        List<GateClient> tried = new ArrayList<>();
        while (true) {
            GateClient client = new GateClient(stores);
            tried.add(client);
            if (cluster.nodeOf(client.key()) == node) {
                return client;
            }
            assertThat(tried).hasSizeLessThan(1000);
        }
    }
}
