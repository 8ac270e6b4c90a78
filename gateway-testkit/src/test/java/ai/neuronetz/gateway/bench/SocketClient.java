package ai.neuronetz.gateway.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * No rival but the floor: one blocking socket that knows how long the answer is, so that the others' added latency can be
 * told from that of the server and the loopback device.
 */
final class SocketClient implements MeasuredClient {

    private final Socket socket;

    SocketClient(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public Call post(String path, byte[] body, Receiver receiver) {
        String head =
                "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length + "\r\n\r\n";
        var request = new ByteArrayOutputStream();
        request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(body);
        try {
            request.writeTo(socket.getOutputStream());
            var answer = new byte[1024];
            int length = 0;
            // The answer is the only JSON object in the response, so its last byte is the only closing brace.
            while (length == 0 || answer[length - 1] != '}') {
                int read = socket.getInputStream().read(answer, length, answer.length - length);
                if (read < 0) {
                    throw new IOException("closed by the server");
                }
                length += read;
            }
            boolean unused = receiver.receive(ByteBuffer.wrap(answer, 0, length));
            receiver.end(null);
        } catch (IOException failure) {
            receiver.end(failure);
        }
        return this::close;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
