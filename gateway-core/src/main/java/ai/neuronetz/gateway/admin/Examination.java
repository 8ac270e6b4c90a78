package ai.neuronetz.gateway.admin;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What looking at one store came to.
 *
 * @param clockAhead by how much its clock is ahead of this machine's; null if it was not learnt
 */
public record Examination(
        List<Diagnosis> diagnoses, @Nullable Duration clockAhead) {

    public Examination {
        diagnoses = List.copyOf(diagnoses);
    }
}
