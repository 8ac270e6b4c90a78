package ai.neuronetz.gateway.redis;

import io.netty.util.concurrent.FastThreadLocal;

/** What the Redis client leaves in every thread that uses it, a host's too, which would keep an undeployed application. */
final class NettyTraces {

    /** Classes of the JVM's own class path stay anyway. */
    private static final boolean UNLOADABLE =
            !ClassLoader.getSystemClassLoader().equals(NettyTraces.class.getClassLoader());

    private NettyTraces() {}

    /** To be called by a thread that is not the client's, when it is done with the client for now. */
    static void remove() {
        if (UNLOADABLE) {
            FastThreadLocal.removeAll();
        }
    }
}
