package ai.neuronetz.gateway.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SettlementSpoolTest {

    @TempDir
    Path base;

    @Test
    void a_directory_that_was_away_for_a_while_is_written_to_again() throws IOException {
        Path directory = base.resolve("spool");
        try (SettlementSpool spool = SettlementSpool.open(directory, 1_000, new SimpleMeterRegistry())) {
            Files.move(directory, base.resolve("aside"));
            Files.writeString(directory, "in the way");
            spool.probe();
            assertThat(spool.usable()).isFalse();
            assertThat(spool.intact()).isFalse();

            Files.delete(directory);
            Files.move(base.resolve("aside"), directory);
            spool.probe();
            assertThat(spool.usable()).isTrue();
            assertThat(spool.intact()).isTrue();
        }
    }
}
