package ai.neuronetz.gateway.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What the tests of the mock send and read. */
final class MockClient {
    static final String CHAT = "{\"model\":\"llama3.2:3b\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private MockClient() {}

    static HttpResponse<String> post(MockOllama mock, String path, String body)
            throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(resolve(mock, path))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    static HttpResponse<String> get(MockOllama mock, String path) throws IOException, InterruptedException {
        return CLIENT.send(HttpRequest.newBuilder(resolve(mock, path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static URI resolve(MockOllama mock, String path) {
        return URI.create(mock.uri() + path);
    }

    static JsonNode json(String text) throws IOException {
        return JSON.readTree(text);
    }

    static List<JsonNode> lines(String ndjson) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : ndjson.lines().toList()) {
            lines.add(json(line));
        }
        return lines;
    }

    /** The events' names; the type where the event has no name. */
    static List<String> events(String sse) {
        return sse.lines()
                .filter(line -> line.startsWith("event: "))
                .map(line -> line.substring(7))
                .toList();
    }

    /** The data of each event, without the one that is no JSON. */
    static List<JsonNode> data(String sse) throws IOException {
        List<JsonNode> data = new ArrayList<>();
        for (String line : sse.lines().toList()) {
            if (line.startsWith("data: {")) {
                data.add(json(line.substring(6)));
            }
        }
        return data;
    }

    /** Sends a chat request on a connection of its own and leaves the answer unread. */
    static Socket openChat(MockOllama mock) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), mock.port());
        socket.setSoTimeout(60_000);
        byte[] body = CHAT.getBytes(StandardCharsets.UTF_8);
        String head = "POST /api/chat HTTP/1.1\r\nHost: mock\r\nContent-Length: " + body.length + "\r\n\r\n";
        socket.getOutputStream().write((head + CHAT).getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The next line with a frame on it; skips headers and chunk sizes. */
    static String frame(BufferedReader reader) throws IOException {
        String line = reader.readLine();
        while (line != null && !line.startsWith("{")) {
            line = reader.readLine();
        }
        if (line == null) {
            throw new IOException("ended");
        }
        return line;
    }
}
