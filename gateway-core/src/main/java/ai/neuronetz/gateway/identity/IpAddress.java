package ai.neuronetz.gateway.identity;

import java.net.InetAddress;
import java.util.Optional;

/**
 * An IPv4 or IPv6 address, read without ever asking a name server. An IPv4-mapped IPv6 address is the IPv4 address.
 *
 * @param version4 whether it is IPv4; then {@code high} is 0 and {@code low} has 32 bits
 * @param high the first 64 bits of an IPv6 address
 * @param low the last 64 bits, or the IPv4 address
 */
record IpAddress(boolean version4, long high, long low) {

    private static final int GROUPS = 8;
    private static final long MAPPED_PREFIX = 0xffff_0000_0000L;
    private static final long LOW_32 = 0xffff_ffffL;

    static IpAddress of(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return new IpAddress(true, 0, number(bytes, 0, 4));
        }
        return of(number(bytes, 0, 8), number(bytes, 8, 8));
    }

    /** Reads a literal without brackets, port or zone; anything else is empty. */
    static Optional<IpAddress> parse(String literal) {
        if (literal.indexOf(':') < 0) {
            long low = version4(literal);
            return low < 0 ? Optional.empty() : Optional.of(new IpAddress(true, 0, low));
        }
        return version6(literal);
    }

    /** The number of bits. */
    int length() {
        return version4 ? 32 : 128;
    }

    /** This address with all but the first bits zero. */
    IpAddress prefix(int bits) {
        if (version4) {
            return new IpAddress(true, 0, bits == 0 ? 0 : low & (LOW_32 << (32 - bits)) & LOW_32);
        }
        long keptHigh = bits >= 64 ? high : bits == 0 ? 0 : high & (-1L << (64 - bits));
        long keptLow = bits <= 64 ? 0 : bits == 128 ? low : low & (-1L << (128 - bits));
        return new IpAddress(false, keptHigh, keptLow);
    }

    /** What failures are counted under: an IPv4 address, or the /64 an IPv6 customer is given, as RFC 5952 writes it. */
    String source() {
        if (version4) {
            return (low >> 24) + "." + (low >> 16 & 255) + "." + (low >> 8 & 255) + "." + (low & 255);
        }
        StringBuilder text = new StringBuilder(24);
        // The four groups after the prefix are zero, so theirs is always the longest run, to be written as "::".
        for (int shift = 48; shift >= 0 && high << (48 - shift) != 0; shift -= 16) {
            text.append(shift == 48 ? "" : ":").append(Long.toHexString(high >> shift & 0xffff));
        }
        return text.append("::/64").toString();
    }

    private static IpAddress of(long high, long low) {
        boolean mapped = high == 0 && (low & ~LOW_32) == MAPPED_PREFIX;
        return mapped ? new IpAddress(true, 0, low & LOW_32) : new IpAddress(false, high, low);
    }

    private static long number(byte[] bytes, int from, int count) {
        long number = 0;
        for (int index = from; index < from + count; index++) {
            number = number << 8 | (bytes[index] & 0xff);
        }
        return number;
    }

    /** The address as a number, or -1. Four decimal parts without leading zeros, which some readers take for octal. */
    private static long version4(String literal) {
        String[] parts = literal.split("\\.", -1);
        if (parts.length != 4) {
            return -1;
        }
        long number = 0;
        for (String part : parts) {
            long value = digits(part, 10, 3);
            if (value < 0 || value > 255 || (part.length() > 1 && part.charAt(0) == '0')) {
                return -1;
            }
            number = number << 8 | value;
        }
        return number;
    }

    private static Optional<IpAddress> version6(String literal) {
        int gap = literal.indexOf("::");
        if (gap < 0) {
            long[] groups = groups(literal);
            return groups.length == GROUPS ? Optional.of(of(join(groups, 0), join(groups, 4))) : Optional.empty();
        }
        String before = literal.substring(0, gap);
        String after = literal.substring(gap + 2);
        long[] first = before.isEmpty() ? new long[0] : groups(before);
        long[] last = after.isEmpty() ? new long[0] : groups(after);
        boolean readable = (before.isEmpty() || (first.length > 0 && before.indexOf('.') < 0))
                && (after.isEmpty() || last.length > 0);
        if (!readable || first.length + last.length >= GROUPS) {
            return Optional.empty();
        }
        long[] groups = new long[GROUPS];
        System.arraycopy(first, 0, groups, 0, first.length);
        System.arraycopy(last, 0, groups, GROUPS - last.length, last.length);
        return Optional.of(of(join(groups, 0), join(groups, 4)));
    }

    /** Groups of 16 bits, the last two perhaps written as an IPv4 address; empty if the text is not readable. */
    private static long[] groups(String text) {
        String[] parts = text.split(":", -1);
        boolean version4Tail = parts[parts.length - 1].indexOf('.') >= 0;
        long[] groups = new long[version4Tail ? parts.length + 1 : parts.length];
        for (int index = 0; index < parts.length; index++) {
            boolean tail = version4Tail && index == parts.length - 1;
            long value = tail ? version4(parts[index]) : digits(parts[index], 16, 4);
            if (value < 0) {
                return new long[0];
            }
            if (tail) {
                groups[index] = value >> 16;
                groups[index + 1] = value & 0xffff;
            } else {
                groups[index] = value;
            }
        }
        return groups;
    }

    private static long join(long[] groups, int from) {
        return groups[from] << 48 | groups[from + 1] << 32 | groups[from + 2] << 16 | groups[from + 3];
    }

    /** The value of 1 to {@code maxLength} ASCII digits, or -1. */
    private static long digits(String text, int radix, int maxLength) {
        if (text.isEmpty() || text.length() > maxLength) {
            return -1;
        }
        long value = 0;
        for (int index = 0; index < text.length(); index++) {
            char character = text.charAt(index);
            // Character.digit also takes digits of other scripts.
            int digit = character < 128 ? Character.digit(character, radix) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * radix + digit;
        }
        return value;
    }
}
