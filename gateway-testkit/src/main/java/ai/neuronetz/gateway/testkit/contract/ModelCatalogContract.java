package ai.neuronetz.gateway.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.neuronetz.gateway.access.InstalledModel;
import ai.neuronetz.gateway.access.ModelCatalog;
import ai.neuronetz.gateway.access.ModelCatalog.Discovery;
import ai.neuronetz.gateway.ollama.ModelName;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a {@link ModelCatalog} promises. */
public abstract class ModelCatalogContract extends SpiContract {

    /** The implementation, which has seen at least one model; the same for all calls of one test. */
    protected abstract ModelCatalog catalog();

    /** Takes the model server away for good. By default the test of it is skipped. */
    protected void loseModelServer() {
        skipped("loseModelServer");
    }

    @Test
    void every_model_has_a_name_of_its_own_and_a_digest_or_none() {
        List<InstalledModel> models = discovery(catalog()).models();

        assertThat(models).isNotEmpty();
        assertThat(models).extracting(InstalledModel::name).doesNotHaveDuplicates();
        assertThat(models).allSatisfy(model -> {
            assertThat(model.spelling()).contains(":");
            assertThat(model.digest()).matches("|[0-9a-f]{64}");
        });
    }

    @Test
    void many_threads_at_once_see_the_same_models() {
        ModelCatalog catalog = catalog();
        List<ModelName> names = names(discovery(catalog));

        assertThat(atOnce(16, caller -> names(discovery(catalog)))).containsOnly(names);
    }

    @Test
    void details_of_a_model_that_is_not_installed_are_empty() {
        ModelCatalog catalog = catalog();
        InstalledModel known = discovery(catalog).models().get(0);
        InstalledModel stranger = new InstalledModel(known.name(), "no-such-model:1b", "0".repeat(64), false, "{}", 0);

        assertThat(catalog.details(stranger)).isEmpty();
    }

    @Test
    void it_answers_from_memory_while_the_model_server_hangs() {
        ModelCatalog catalog = catalog();
        InstalledModel model = discovery(catalog).models().get(0);

        whileStoreHangs(() -> {
            Optional<String> last = within(deadline(), () -> {
                for (int call = 0; call < 1_000; call++) {
                    assertThat(catalog.current()).isNotNull();
                }
                return catalog.details(model);
            });
            assertThat(last).isNotNull();
        });
    }

    @Test
    void without_a_model_server_there_is_no_discovery_after_a_while() {
        ModelCatalog catalog = catalog();

        loseModelServer();

        eventually("the last discovery is too old", () -> catalog.current().isEmpty());
    }

    private static List<ModelName> names(Discovery discovery) {
        return discovery.models().stream().map(InstalledModel::name).toList();
    }

    private Discovery discovery(ModelCatalog catalog) {
        AtomicReference<Optional<Discovery>> last = new AtomicReference<>(Optional.empty());
        eventually("there is a discovery", () -> {
            last.set(catalog.current());
            return last.get().isPresent();
        });
        return last.get().orElseThrow();
    }
}
