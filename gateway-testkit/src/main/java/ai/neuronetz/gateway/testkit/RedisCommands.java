package ai.neuronetz.gateway.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Commands for a Redis, each on a connection of its own. Immutable. Not a record: it holds a password.
 */
final class RedisCommands {

    private static final int ANSWER_LIMIT_MILLIS = 5_000;

    private final String host;
    private final int port;
    private final @Nullable String user;
    private final @Nullable String password;
    private final int database;
    private final boolean tls;

    RedisCommands(String host, int port, @Nullable String user, @Nullable String password, int database, boolean tls) {
        this.host = host;
        this.port = port;
        this.user = user;
        this.password = password;
        this.database = database;
        this.tls = tls;
    }

    RedisCommands in(int otherDatabase) {
        return new RedisCommands(host, port, user, password, otherDatabase, tls);
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    /**
     * Runs one command; a list comes as one text with a space between its elements.
     *
     * @throws IllegalStateException if the answer is an error
     */
    String run(String... words) {
        try (Socket socket = connect()) {
            if (password != null) {
                send(socket.getOutputStream(), login());
                answer(socket.getInputStream());
            }
            if (database != 0) {
                send(socket.getOutputStream(), "SELECT", Integer.toString(database));
                answer(socket.getInputStream());
            }
            send(socket.getOutputStream(), words);
            return answer(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String[] login() {
        return user == null
                ? new String[] {"AUTH", String.valueOf(password)}
                : new String[] {"AUTH", user, String.valueOf(password)};
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, port), ANSWER_LIMIT_MILLIS);
            socket.setSoTimeout(ANSWER_LIMIT_MILLIS);
            return tls ? secured(socket) : socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private Socket secured(Socket socket) throws IOException {
        SSLSocket secured =
                (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(socket, host, port, true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        return secured;
    }

    private static void send(OutputStream out, String... words) throws IOException {
        ByteArrayOutputStream command = new ByteArrayOutputStream();
        command.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            command.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            command.writeBytes(bytes);
            command.writeBytes(new byte[] {'\r', '\n'});
        }
        out.write(command.toByteArray());
        out.flush();
    }

    private static String answer(InputStream in) throws IOException {
        String line = line(in);
        String rest = line.isEmpty() ? "" : line.substring(1);
        switch (line.isEmpty() ? ' ' : line.charAt(0)) {
            case '+', ':' -> {
                return rest;
            }
            case '$' -> {
                byte[] bytes = in.readNBytes(Math.max(0, Integer.parseInt(rest)));
                if (!rest.equals("-1")) {
                    line(in);
                }
                return new String(bytes, StandardCharsets.UTF_8);
            }
            case '*' -> {
                List<String> elements = new ArrayList<>();
                for (int i = 0; i < Integer.parseInt(rest); i++) {
                    elements.add(answer(in));
                }
                return String.join(" ", elements);
            }
            case '-' -> throw new IllegalStateException(rest);
            default -> throw new IOException("no answer of Redis: " + line);
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int b = in.read();
        while (b >= 0 && b != '\n') {
            if (b != '\r') {
                line.append((char) b);
            }
            b = in.read();
        }
        return line.toString();
    }
}
