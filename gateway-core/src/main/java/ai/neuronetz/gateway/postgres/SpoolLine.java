package ai.neuronetz.gateway.postgres;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** One settlement as text: the CRC-32C of what follows in eight hexadecimal digits, a space, JSON in ASCII, a line feed. */
final class SpoolLine {

    private static final int CRC_DIGITS = 8;

    /** What a probe writes. */
    static final byte[] BLANK = "\n".getBytes(StandardCharsets.US_ASCII);

    private SpoolLine() {}

    /** @param corrupt how many lines could not be read */
    record Lines(List<PendingSettlement> settlements, int corrupt) {}

    static String write(PendingSettlement settlement) {
        String json = LedgerJson.pending(settlement);
        return crc(json) + ' ' + json + '\n';
    }

    /** Each line for itself: what is wrong with one says nothing about the next. */
    static Lines read(String text) {
        List<PendingSettlement> settlements = new ArrayList<>();
        int corrupt = 0;
        for (String line : text.split("\n", -1)) {
            PendingSettlement settlement = settlement(line);
            if (settlement != null) {
                settlements.add(settlement);
            } else if (!line.isEmpty()) {
                corrupt++;
            }
        }
        return new Lines(settlements, corrupt);
    }

    private static @Nullable PendingSettlement settlement(String line) {
        if (line.length() < CRC_DIGITS + 1) {
            return null;
        }
        String json = line.substring(CRC_DIGITS + 1);
        if (line.charAt(CRC_DIGITS) != ' ' || !line.substring(0, CRC_DIGITS).equals(crc(json))) {
            return null;
        }
        try {
            return LedgerJson.pending(json);
        } catch (IllegalArgumentException e) {
            // Whole, and yet nothing this version knows.
            return null;
        }
    }

    private static String crc(String json) {
        CRC32C crc = new CRC32C();
        crc.update(json.getBytes(StandardCharsets.ISO_8859_1));
        return String.format("%08x", crc.getValue());
    }
}
