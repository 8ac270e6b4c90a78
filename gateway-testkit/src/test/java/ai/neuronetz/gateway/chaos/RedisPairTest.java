package ai.neuronetz.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RedisPairTest {

    private final AtomicInteger primary = new AtomicInteger();
    private final RedisPair pair = new RedisPair(primary::set);

    @AfterEach
    void stop() {
        pair.close();
    }

    @Test
    void a_failover_loses_what_was_acknowledged_after_replication_was_cut_and_nothing_else() {
        assertThat(pair.command("INCRBY", "count", "600")).isEqualTo("600");
        pair.awaitCopied();
        int before = primary.get();

        pair.cutReplication();
        for (int write = 1; write <= 50; write++) {
            assertThat(pair.command("INCR", "count")).isEqualTo(Integer.toString(600 + write));
        }
        pair.failOver();

        assertThat(primary.get()).isNotEqualTo(before).isEqualTo(pair.primaryPort());
        assertThat(pair.command("GET", "count")).isEqualTo("600");
    }

    @Test
    void after_a_failover_the_dead_primary_copies_the_new_one() {
        pair.failOver();
        pair.command("SET", "key", "value");

        pair.awaitCopied();

        pair.failOver();
        assertThat(pair.command("GET", "key")).isEqualTo("value");
    }

    @Test
    void two_primaries_both_acknowledge_and_only_the_new_one_remembers() throws Exception {
        int old = pair.promoteBesidePrimary();
        try (RedisConnection late = new RedisConnection(old)) {
            assertThat(late.send("SET", "where", "old")).isEqualTo("OK");
        }
        assertThat(pair.command("SET", "where", "new")).isEqualTo("OK");

        pair.demoteOldPrimary();
        pair.awaitCopied();

        pair.failOver();
        assertThat(pair.command("GET", "where")).isEqualTo("new");
    }

    @Test
    void a_restarted_primary_is_empty() {
        pair.command("SET", "key", "value");

        pair.stopPrimary();
        pair.restartPrimary();

        assertThat(pair.command("EXISTS", "key")).isEqualTo("0");
    }

    @Test
    void heals_from_anything() {
        pair.cutReplication();
        pair.stopPrimary();

        pair.heal();

        pair.awaitCopied();
        assertThat(primary.get()).isEqualTo(pair.primaryPort());
    }
}
