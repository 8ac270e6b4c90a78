package ai.neuronetz.gateway.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.AdministrationException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MigrationTest {

    @Test
    void can_be_run_again_and_by_several_at_once_in_one_and_in_two_databases() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (LedgerDatabase one = LedgerDatabase.empty();
                LedgerDatabase two = LedgerDatabase.empty()) {
            List<Future<?>> runs = new ArrayList<>();
            for (LedgerDatabase database : List.of(one, two, one, two)) {
                runs.add(threads.submit(() -> Migration.migrate(
                        database.administrator(), LedgerDatabase.APP_PASSWORD, LedgerDatabase.CLI_PASSWORD)));
            }
            for (Future<?> run : runs) {
                run.get();
            }
            Migration.migrate(one.administrator());

            assertThat(one.value("SELECT count(*) FROM gateway.flyway_schema_history WHERE NOT success"))
                    .isEqualTo("0");
            assertThat(one.value("SELECT string_agg(DISTINCT pg_get_userbyid(relowner), ' ') FROM pg_class"
                            + " WHERE relnamespace = 'gateway'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')"))
                    .isEqualTo("gateway_owner");
            try (PostgresStores stores = two.stores()) {
                assertThat(stores.usable()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void without_it_the_gateway_does_not_start_and_says_what_to_do() throws Exception {
        LedgerDatabase.migrated().close();
        try (LedgerDatabase database = LedgerDatabase.empty()) {
            assertThatThrownBy(() -> PostgresStores.open(database.app(), new SimpleMeterRegistry()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("run the command 'migrate'");
            assertThatThrownBy(() -> PostgresAdministration.connect(database.cli()))
                    .isInstanceOf(AdministrationException.class)
                    .hasMessageContaining("run the command 'migrate'");
        }
    }

    @Test
    void a_request_of_a_month_without_partition_is_kept_in_the_default_one() throws Exception {
        try (LedgerDatabase database = LedgerDatabase.migrated()) {
            database.execute(
                    "INSERT INTO gateway.request_fate VALUES ('0f000000-0000-7000-8000-000000000000', 'void')");
            assertThat(database.value("SELECT count(*) FROM gateway.request_fate_default"))
                    .isEqualTo("1");
            assertThat(database.value("SELECT gateway.ensure_partitions(5)")).isEqualTo("10");
            assertThat(database.value("SELECT gateway.ensure_partitions(5)")).isEqualTo("0");
        }
    }
}
