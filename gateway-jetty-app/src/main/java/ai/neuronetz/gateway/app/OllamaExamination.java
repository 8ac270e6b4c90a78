package ai.neuronetz.gateway.app;

import static ai.neuronetz.gateway.admin.Diagnosis.failure;
import static ai.neuronetz.gateway.admin.Diagnosis.ok;
import static ai.neuronetz.gateway.admin.Diagnosis.skipped;
import static ai.neuronetz.gateway.admin.Diagnosis.warning;

import ai.neuronetz.gateway.admin.Diagnosis;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.StreamSupport;

/** Whether Ollama answers where it should, and nowhere else. */
final class OllamaExamination {

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration LOCAL_PATIENCE = Duration.ofMillis(700);
    private static final String CLOSE = "systemctl edit ollama, add [Service] Environment=OLLAMA_HOST=127.0.0.1, then"
            + " systemctl restart ollama";

    private final URI url;
    private final List<InetAddress> addresses;

    /** @param addresses those of this machine at which Ollama should not answer */
    OllamaExamination(URI url, List<InetAddress> addresses) {
        this.url = url;
        this.addresses = addresses;
    }

    /** This machine's addresses that others may reach. */
    static List<InetAddress> reachableAddresses() {
        List<InetAddress> addresses = new ArrayList<>();
        try {
            for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                for (InetAddress address : Collections.list(each.getInetAddresses())) {
                    // A link-local address is of use only with the name of a link, which no URL has room for.
                    if (each.isUp() && !address.isLoopbackAddress() && !address.isLinkLocalAddress()) {
                        addresses.add(address);
                    }
                }
            }
        } catch (SocketException e) {
            // A machine that does not tell its addresses cannot be asked at them.
            return List.of();
        }
        return addresses;
    }

    List<Diagnosis> examine() throws InterruptedException {
        List<Diagnosis> found = new ArrayList<>();
        try {
            JsonPages client = new JsonPages(PATIENCE);
            String version =
                    client.get(url, "/api/version").body().path("version").asText();
            if (version.isEmpty()) {
                found.add(failure("ollama", shown(url) + " answers, but is no Ollama", "correct OLLAMA_URL"));
                return found;
            }
            found.add(ok("ollama", "answers, version " + version));
            found.add(models(client));
        } catch (IOException e) {
            found.add(failure(
                    "ollama",
                    shown(url) + " does not answer (" + e.getClass().getSimpleName() + ")",
                    "systemctl start ollama, and see that OLLAMA_URL names it: curl " + shown(url) + "/api/version"));
        }
        found.add(exposure());
        return found;
    }

    private Diagnosis models(JsonPages client) throws IOException, InterruptedException {
        JsonPages.Answer tags = client.get(url, "/api/tags");
        if (tags.status() != 200) {
            return failure(
                    "models",
                    shown(url) + " answers /api/tags with status " + tags.status(),
                    "see Ollama's log: journalctl -u ollama; then systemctl restart ollama");
        }
        List<String> models = StreamSupport.stream(tags.body().path("models").spliterator(), false)
                .map(model -> model.path("name").asText().replaceAll("\\p{Cntrl}", "?"))
                .toList();
        return models.isEmpty()
                ? warning("models", "none is installed, so none can be used", "ollama pull llama3.2:3b")
                : ok("models", models.size() + " installed: " + String.join(", ", models));
    }

    private Diagnosis exposure() throws InterruptedException {
        String host = url.getHost();
        if (Cautions.isLoopback(host)) {
            List<String> open = new ArrayList<>();
            for (InetAddress address : addresses) {
                if (answersAt(address)) {
                    open.add(literal(address));
                }
            }
            return open.isEmpty()
                    ? ok("ollama exposure", "answers at no address that other machines may reach")
                    : failure(
                            "ollama exposure",
                            "answers at " + String.join(", ", open) + " too: whoever reaches it there needs no key",
                            CLOSE);
        }
        try {
            // One name server that hangs is the deadline's to end.
            return Arrays.stream(InetAddress.getAllByName(host))
                    .filter(address -> !Cautions.isPrivate(address))
                    .findFirst()
                    .map(address -> failure(
                            "ollama exposure",
                            host + " is a public address (" + literal(address) + "): Ollama asks nobody for a key",
                            CLOSE))
                    .orElseGet(() -> ok("ollama exposure", host + " is a private address; let only gateways reach it"));
        } catch (UnknownHostException e) {
            return skipped("ollama exposure", "the name " + host + " is not known");
        }
    }

    private boolean answersAt(InetAddress address) throws InterruptedException {
        int port = url.getPort() > 0 ? url.getPort() : url.getScheme().equals("https") ? 443 : 80;
        URI there = URI.create(url.getScheme() + "://" + literal(address) + ":" + port);
        try {
            return new JsonPages(LOCAL_PATIENCE).get(there, "/api/version").status() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String literal(InetAddress address) {
        String text = address.getHostAddress().replaceFirst("%.*", "");
        return address instanceof Inet6Address ? "[" + text + "]" : text;
    }

    private static String shown(URI uri) {
        return uri.toString().replaceFirst("/$", "");
    }
}
