package ai.neuronetz.gateway.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.metering.Settlement.Basis;
import ai.neuronetz.gateway.metering.Settlement.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SettlementSpoolTest {

    private static final long ROOM = 1 << 20;

    @TempDir
    Path temporary;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void what_a_process_left_is_read_by_the_next_with_every_value() {
        PendingSettlement settled = settled(7);
        PendingSettlement voided = new PendingSettlement(UUID.randomUUID(), "acme", null);
        try (SettlementSpool first = open(ROOM)) {
            assertThat(first.append(List.of(settled, voided))).isTrue();
        }

        try (SettlementSpool next = open(ROOM)) {
            List<PendingSettlement> adopted = next.adopt();

            assertThat(adopted).hasSize(2).allSatisfy(each -> {
                assertThat(each.tenantId).isEqualTo("acme");
                assertThat(each.spooled).isTrue();
            });
            assertThat(adopted.get(0).requestId).isEqualTo(settled.requestId);
            assertThat(adopted.get(0).settlement).isEqualTo(settled.settlement);
            assertThat(adopted.get(1).requestId).isEqualTo(voided.requestId);
            assertThat(adopted.get(1).settlement).isNull();
        }
    }

    @Test
    void what_was_adopted_outlives_the_one_that_adopted_it() {
        try (SettlementSpool first = open(ROOM)) {
            first.append(List.of(settled(7)));
        }
        try (SettlementSpool second = open(ROOM)) {
            assertThat(second.adopt()).hasSize(1);
        }

        try (SettlementSpool third = open(ROOM)) {
            assertThat(third.adopt()).hasSize(1);
        }
    }

    @Test
    void what_was_cleared_is_not_read_again_and_nothing_is_left_behind() {
        try (SettlementSpool first = open(ROOM)) {
            first.append(List.of(settled(7)));
            first.clear();
        }

        assertThat(directory()).doesNotExist();
    }

    @Test
    void the_file_of_a_process_that_lives_is_left_alone() {
        try (SettlementSpool living = open(ROOM);
                SettlementSpool other = open(ROOM)) {
            living.append(List.of(settled(7)));

            assertThat(other.adopt()).isEmpty();
        }
    }

    @Test
    void a_line_that_was_torn_or_altered_is_skipped_and_counted_and_the_others_are_read() throws Exception {
        try (SettlementSpool first = open(ROOM)) {
            first.append(List.of(settled(1), settled(2), settled(3), settled(4)));
        }
        Path file = files().get(0);
        String[] lines = Files.readString(file).split("\n");
        // One bit of a charge, and the end of the last line, as a power cut leaves it.
        String flipped = lines[1].replace("\"charged\":2", "\"charged\":3");
        assertThat(flipped).isNotEqualTo(lines[1]);
        Files.writeString(file, lines[0] + "\n" + flipped + "\n" + lines[2] + "\n" + lines[3].substring(0, 40));

        try (SettlementSpool next = open(ROOM)) {
            assertThat(next.adopt())
                    .extracting(each -> each.settlement == null ? -1 : each.settlement.charged())
                    .containsExactly(1L, 3L);
        }
        assertThat(registry.counter("gateway.ledger.spool.corrupt").count()).isEqualTo(2);
    }

    @Test
    void a_spool_that_is_full_is_not_usable_until_there_is_room_again_and_keeps_what_it_had() {
        try (SettlementSpool spool = open(400)) {
            assertThat(spool.append(List.of(settled(1)))).isTrue();
            assertThat(spool.usable()).isTrue();

            assertThat(spool.append(List.of(settled(2), settled(3)))).isFalse();
            assertThat(spool.usable()).isFalse();

            spool.clear();
            spool.probe();
            assertThat(spool.usable()).isTrue();
        }
    }

    @Test
    void a_directory_that_somebody_removed_is_made_again() throws Exception {
        try (SettlementSpool spool = open(ROOM)) {
            Files.delete(files().get(0));
            Files.delete(directory());

            assertThat(spool.append(List.of(settled(1)))).isTrue();
        }
        assertThat(files()).hasSize(1);
    }

    @Test
    void a_directory_that_cannot_be_made_again_is_not_usable() throws Exception {
        try (SettlementSpool spool = open(ROOM)) {
            Files.delete(files().get(0));
            Files.delete(directory());
            Files.writeString(directory(), "in the way");

            spool.probe();
            assertThat(spool.usable()).isFalse();

            Files.delete(directory());
            spool.probe();
            assertThat(spool.usable()).isTrue();
        }
    }

    @Test
    void a_directory_that_others_may_write_to_is_refused() throws Exception {
        Files.createDirectory(directory());
        Files.setPosixFilePermissions(directory(), PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(() -> open(ROOM))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("SPOOL_DIRECTORY");
    }

    @Test
    void a_link_in_place_of_the_directory_is_refused() throws Exception {
        Files.createSymbolicLink(directory(), Files.createDirectory(temporary.resolve("elsewhere")));

        assertThatThrownBy(() -> open(ROOM))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("SPOOL_DIRECTORY");
    }

    @Test
    void an_interrupt_does_not_close_it() {
        try (SettlementSpool spool = open(ROOM)) {
            Thread.currentThread().interrupt();

            assertThat(spool.append(List.of(settled(1)))).isTrue();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(spool.append(List.of(settled(2)))).isTrue();
        }
    }

    private Path directory() {
        return temporary.resolve("spool");
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(directory())) {
            return files.toList();
        }
    }

    private SettlementSpool open(long maxBytes) {
        return SettlementSpool.open(directory(), maxBytes, registry);
    }

    private static PendingSettlement settled(long charged) {
        Settlement settlement = new Settlement(Outcome.CLIENT_GONE, Basis.OBSERVED, 5L, null, charged, 200, null, 1234);
        return new PendingSettlement(UUID.randomUUID(), "acme", settlement);
    }
}
