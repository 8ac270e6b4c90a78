package ai.neuronetz.gateway.prompts;

/**
 * Numbers of payment cards: 13 to 19 digits, perhaps in groups, with the check digit that Luhn's formula asks for.
 *
 * <p>A number begins and ends with a group, so that a code written behind it does not hide it.
 */
final class CardNumbers {

    private static final int MIN_DIGITS = 13;
    private static final int MAX_DIGITS = 19;

    private CardNumbers() {}

    static String replace(CharSequence text, String replacement) {
        StringBuilder result = new StringBuilder(text.length());
        int copied = 0;
        int position = 0;
        while (position < text.length()) {
            int end = beginsGroup(text, position) ? endOfNumber(text, position) : -1;
            if (end < 0) {
                position++;
            } else {
                result.append(text, copied, position).append(replacement);
                copied = end;
                position = end;
            }
        }
        return result.append(text, copied, text.length()).toString();
    }

    private static boolean beginsGroup(CharSequence text, int position) {
        return isDigit(text, position) && !isDigit(text, position - 1);
    }

    /** Where the longest card number that begins here ends, or -1. */
    private static int endOfNumber(CharSequence text, int start) {
        int[] digits = new int[MAX_DIGITS];
        int count = 0;
        int found = -1;
        int position = start;
        while (count < MAX_DIGITS) {
            if (isDigit(text, position)) {
                digits[count++] = text.charAt(position) - '0';
                position++;
                boolean endsGroup = !isDigit(text, position);
                if (endsGroup && count >= MIN_DIGITS && isValid(digits, count)) {
                    found = position;
                }
            } else if (isSeparator(text, position) && isDigit(text, position + 1)) {
                position++;
            } else {
                break;
            }
        }
        return found;
    }

    /** Of the first digit: 2 to 6 are what card networks were given. */
    private static boolean isValid(int[] digits, int count) {
        if (digits[0] < 2 || digits[0] > 6) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < count; i++) {
            int digit = digits[count - 1 - i];
            int weighed = i % 2 == 0 ? digit : 2 * digit;
            sum += weighed > 9 ? weighed - 9 : weighed;
        }
        return sum % 10 == 0;
    }

    private static boolean isDigit(CharSequence text, int position) {
        if (position < 0 || position >= text.length()) {
            return false;
        }
        char c = text.charAt(position);
        return c >= '0' && c <= '9';
    }

    private static boolean isSeparator(CharSequence text, int position) {
        if (position >= text.length()) {
            return false;
        }
        char c = text.charAt(position);
        return c == ' ' || c == '-' || c == '\u00a0';
    }
}
