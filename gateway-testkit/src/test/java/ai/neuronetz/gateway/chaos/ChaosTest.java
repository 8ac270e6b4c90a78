package ai.neuronetz.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A short run of what {@link ChaosRun} does at length; without the faults that take longer than a gateway's dead time. */
@Tag("chaos")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ChaosTest {

    private static final long SEED = 20;
    private static final int FAULTS = 12;

    @Test
    void no_fault_breaks_a_limit_or_loses_a_row() throws InterruptedException, SQLException {
        Report report = Round.of(SEED, FAULTS, kind -> !kind.endsWith("-long")).run();

        assertThat(report.violations()).as(report.text()).isEmpty();
        assertThat(report.troubles()).isEmpty();
        assertThat(report.evidence().truth().generations()).hasSizeGreaterThan(50);
    }
}
