package ai.neuronetz.gateway.chaos;

import java.util.Random;

/**
 * How the clients of a tenant ask.
 *
 * @param leastPrompt bytes
 * @param mostPrompt bytes
 * @param mostTokens the largest output cap
 * @param skew 1 draws caps evenly; the higher, the more of them are small
 * @param pauseMillis the longest time between two requests
 */
record Manner(int leastPrompt, int mostPrompt, int mostTokens, int skew, int pauseMillis) {

    /** A whole answer comes without a byte before its end, and nobody waits long for that. */
    private static final int MOST_TOKENS_OF_A_WHOLE_ANSWER = 100;

    private static final int SHARE_THAT_LEAVES = 10;

    /** Draws a request. What was answered before makes no difference, so that a seed asks the same questions every time. */
    Ask draw(Random random, int gateways, int callers) {
        int gateway = random.nextInt(gateways);
        int caller = random.nextInt(callers);
        boolean openAi = random.nextInt(4) == 0;
        boolean streamed = random.nextInt(3) > 0;
        int prompt = leastPrompt + random.nextInt(mostPrompt - leastPrompt + 1);
        int tokens = 1 + (int) (mostTokens * Math.pow(random.nextDouble(), skew));
        boolean leaves = random.nextInt(100) < SHARE_THAT_LEAVES;
        int leavesAfter = random.nextInt(20);
        long pause = 10 + random.nextInt(pauseMillis);
        return new Ask(
                gateway,
                caller,
                openAi,
                streamed,
                prompt,
                streamed ? tokens : Math.min(tokens, MOST_TOKENS_OF_A_WHOLE_ANSWER),
                leaves ? leavesAfter : Ask.STAYS,
                pause);
    }
}
