package ai.neuronetz.gateway.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** One connection through a {@link FaultProxy}. */
final class ProxiedConnection {

    private static final int CHUNK = 16_384;

    private final FaultProxy proxy;
    private final Socket client;
    private final Socket server = new Socket();
    private volatile boolean answerLost;

    ProxiedConnection(FaultProxy proxy, Socket client) {
        this.proxy = proxy;
        this.client = client;
    }

    /** Connects to the server and forwards until one side ends. */
    void run(int target) {
        try {
            proxy.awaitThaw();
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 2_000);
            FaultProxy.daemon("proxy-to-client-" + proxy.port(), this::answers);
            requests();
        } catch (IOException e) {
            if (!answerLost) {
                reset();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reset();
        }
    }

    /** Resets both sides. */
    void reset() {
        reset(client);
        reset(server);
        proxy.forget(this);
    }

    private void requests() throws IOException, InterruptedException {
        InputStream in = client.getInputStream();
        OutputStream out = server.getOutputStream();
        byte[] chunk = new byte[CHUNK];
        for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
            proxy.awaitThaw();
            // Before it is sent: the answer must not overtake the mark.
            answerLost = answerLost || proxy.takesLoss();
            out.write(chunk, 0, length);
        }
        end();
    }

    private void answers() {
        try {
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            byte[] chunk = new byte[CHUNK];
            for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
                proxy.awaitThaw();
                if (answerLost) {
                    reset(client);
                    leaveQuietly(in, chunk);
                    break;
                }
                out.write(chunk, 0, length);
            }
            end();
        } catch (IOException e) {
            reset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reset();
        }
    }

    /** Not a reset: the server must still take what it was sent. */
    private void leaveQuietly(InputStream answers, byte[] chunk) throws IOException {
        server.shutdownOutput();
        server.setSoTimeout(5_000);
        while (answers.read(chunk) >= 0) {
            continue;
        }
    }

    /** Ends in order, so that each side still reads what was sent to it. */
    private void end() {
        FaultProxy.closeQuietly(client);
        FaultProxy.closeQuietly(server);
        proxy.forget(this);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // Closed already.
        }
        FaultProxy.closeQuietly(socket);
    }
}
