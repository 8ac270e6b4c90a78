package ai.neuronetz.gateway.testkit.conformance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages that two readers would read in two ways. */
final class FramingChecks {

    static final List<Check> CHECKS = List.of(new Check(
            "a message that can be read in two ways is refused", "API: Errors, bad_request", FramingChecks::ambiguous));

    private FramingChecks() {}

    private static Outcome ambiguous(Target target) {
        String key = target.options().keys().main();
        String host = target.options().url().getRawAuthority();
        String smuggled = "GET " + target.target("/api/tags") + " HTTP/1.1\r\nHost: " + host
                + "\r\nAuthorization: Bearer " + key + "\r\n\r\n";
        String start = "POST " + target.target("/api/chat") + " HTTP/1.1\r\nHost: " + host
                + "\r\nAuthorization: Bearer " + key + "\r\n";
        String chunked = "\r\n0\r\n\r\n" + smuggled;
        int length = chunked.length() - 2;
        Map<String, String> messages = new LinkedHashMap<>();
        messages.put(
                "Content-Length and Transfer-Encoding",
                start + "Content-Length: " + length + "\r\nTransfer-Encoding: chunked\r\n" + chunked);
        messages.put(
                "Transfer-Encoding and Content-Length",
                start + "Transfer-Encoding: chunked\r\nContent-Length: " + length + "\r\n" + chunked);
        messages.put(
                "two Content-Lengths",
                start + "Content-Length: 0\r\nContent-Length: " + smuggled.length() + "\r\n\r\n" + smuggled);
        messages.put("an unknown Transfer-Encoding", start + "Transfer-Encoding: xchunked\r\n" + chunked);
        messages.put("a Content-Length with a sign", start + "Content-Length: +0\r\n\r\n" + smuggled);
        messages.put(
                "a space before the colon", start + "Content-Length: 0\r\nTransfer-Encoding : chunked\r\n" + chunked);
        messages.put("two Hosts", start + "Host: elsewhere\r\nContent-Length: 0\r\n\r\n");
        messages.put("no Host", start.replaceFirst("Host:[^\r]*\r\n", "") + "Content-Length: 0\r\n\r\n");
        Findings findings = new Findings();
        messages.forEach((what, message) -> {
            List<Integer> statuses = target.raw(message).statuses();
            findings.expect(
                    statuses.size() <= 1 && statuses.stream().allMatch(status -> status >= 400),
                    what + " was answered " + statuses + ", not one 4xx and the end of the connection");
        });
        return findings.outcome("refused: " + String.join(", ", messages.keySet()));
    }
}
