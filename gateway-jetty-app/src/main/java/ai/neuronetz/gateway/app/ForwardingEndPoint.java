package ai.neuronetz.gateway.app;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;

/** Passes on to the socket all but the reading. */
abstract class ForwardingEndPoint implements EndPoint, EndPoint.Wrapper {

    final EndPoint socket;

    ForwardingEndPoint(EndPoint socket) {
        this.socket = socket;
    }

    @Override
    public EndPoint unwrap() {
        return socket;
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return socket.getLocalSocketAddress();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return socket.getRemoteSocketAddress();
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public long getCreatedTimeStamp() {
        return socket.getCreatedTimeStamp();
    }

    @Override
    public void shutdownOutput() {
        socket.shutdownOutput();
    }

    @Override
    public boolean isOutputShutdown() {
        return socket.isOutputShutdown();
    }

    @Override
    public boolean isInputShutdown() {
        return socket.isInputShutdown();
    }

    @Override
    public void close() {
        socket.close();
    }

    @Override
    public void close(Throwable cause) {
        socket.close(cause);
    }

    @Override
    public boolean flush(ByteBuffer... buffers) throws IOException {
        return socket.flush(buffers);
    }

    @Override
    public Object getTransport() {
        return socket.getTransport();
    }

    @Override
    public long getIdleTimeout() {
        return socket.getIdleTimeout();
    }

    @Override
    public void setIdleTimeout(long idleTimeout) {
        socket.setIdleTimeout(idleTimeout);
    }

    @Override
    public void write(Callback callback, ByteBuffer... buffers) {
        socket.write(callback, buffers);
    }

    @Override
    public void write(Callback callback, SocketAddress address, ByteBuffer... buffers) {
        socket.write(callback, address, buffers);
    }

    @Override
    public void write(boolean last, ByteBuffer buffer, Callback callback) {
        socket.write(last, buffer, callback);
    }

    @Override
    public Callback cancelWrite(Throwable cause) {
        return socket.cancelWrite(cause);
    }

    @Override
    public Connection getConnection() {
        return socket.getConnection();
    }

    @Override
    public void setConnection(Connection connection) {
        socket.setConnection(connection);
    }

    @Override
    public void onOpen() {
        socket.onOpen();
    }

    @Override
    public void onClose(Throwable cause) {
        socket.onClose(cause);
    }

    @Override
    public void upgrade(Connection connection) {
        socket.upgrade(connection);
    }

    @Override
    public SslSessionData getSslSessionData() {
        return socket.getSslSessionData();
    }

    @Override
    public boolean isSecure() {
        return socket.isSecure();
    }
}
