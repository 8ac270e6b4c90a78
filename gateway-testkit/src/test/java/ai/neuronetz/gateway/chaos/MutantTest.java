package ai.neuronetz.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.testkit.StageSchema;
import ai.neuronetz.gateway.testkit.TestDatabase;
import ai.neuronetz.gateway.testkit.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MutantTest {

    @TempDir
    Path overlay;

    @ParameterizedTest
    @EnumSource
    void every_guard_is_still_where_it_is_taken_out(Mutant mutant) throws SQLException {
        TestDatabase database = TestPostgres.shared().createDatabase();
        StageSchema.migrate(database);

        mutant.scripts(overlay);
        try (Connection connection = database.connect()) {
            mutant.functions(connection);
        }
    }

    @Test
    void a_guard_that_is_not_there_is_an_error() {
        ScriptPatch patch = new ScriptPatch().replace("no such text", "");

        assertThatThrownBy(() -> patch.lua("admit.lua", overlay)).hasMessageContaining("no such text");
        assertThat(overlay).isEmptyDirectory();
    }
}
