package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.KeyStore;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS as two PEM files say it, and say it anew when they change. What is in use stays in use until something better is there. */
final class TlsFiles {

    private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);

    private final String certificateFile;
    private final String keyFile;
    private final SslContextFactory.Server context;
    private String inUse;
    private volatile Instant expiration;
    private @Nullable String complaint;

    private TlsFiles(String certificateFile, String keyFile) {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.inUse = state();
        this.context = new SslContextFactory.Server();
        PemIdentity identity = PemIdentity.read(certificateFile, keyFile);
        this.expiration = identity.expiration();
        configure(context, tried(identity));
    }

    /** Empty where TLS is not asked for. */
    static Optional<TlsFiles> of(Settings settings) {
        Optional<String> certificate = settings.find(Setting.TLS_CERTIFICATE_FILE);
        Optional<String> key = settings.find(Setting.TLS_KEY_FILE);
        if (certificate.isPresent() != key.isPresent()) {
            throw new ConfigurationException(
                    "TLS_CERTIFICATE_FILE and TLS_KEY_FILE belong together; give both, or none to serve without TLS");
        }
        return certificate.map(file -> of(file, key.orElseThrow()));
    }

    /** @throws ConfigurationException if TLS cannot be spoken with them */
    static TlsFiles of(String certificateFile, String keyFile) {
        return new TlsFiles(certificateFile, keyFile);
    }

    SslContextFactory.Server context() {
        return context;
    }

    /** When what is in use becomes invalid. */
    Instant expiration() {
        return expiration;
    }

    /** Uses for new connections what the files hold by now. Not for two threads at once. */
    void reloadIfChanged() {
        String found = state();
        if (found.equals(inUse)) {
            // Also where a broken file has been put back.
            complaint = null;
            return;
        }
        try {
            PemIdentity identity = PemIdentity.read(certificateFile, keyFile);
            KeyStore store = tried(identity);
            context.reload(ssl -> ssl.setKeyStore(store));
            inUse = found;
            complaint = null;
            expiration = identity.expiration();
            LOG.info("the TLS certificate has changed; new connections get the one that is valid until {}", expiration);
        } catch (Exception e) {
            complain(String.valueOf(e instanceof ConfigurationException ? e.getMessage() : e));
        }
    }

    // Tried again at each look, since a file can be in the middle of being written; said once.
    private void complain(String why) {
        if (!why.equals(complaint)) {
            LOG.error("the changed TLS files cannot be used, the old certificate stays in use: {}", why);
            complaint = why;
        }
    }

    /** What tells a file from a newer one of the same name, without reading it. */
    private String state() {
        return state(certificateFile) + " " + state(keyFile);
    }

    private static String state(String file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(Path.of(file), BasicFileAttributes.class);
            return attributes.lastModifiedTime() + "/" + attributes.size() + "/" + attributes.fileKey();
        } catch (IOException | RuntimeException e) {
            return "unreadable";
        }
    }

    /** A reload that fails half-way leaves Jetty with nothing, so it is tried on another one first. */
    private static KeyStore tried(PemIdentity identity) {
        KeyStore store = identity.keyStore();
        SslContextFactory.Server trial = new SslContextFactory.Server();
        configure(trial, store);
        try {
            trial.start();
            trial.stop();
        } catch (Exception e) {
            throw new ConfigurationException("TLS_CERTIFICATE_FILE: TLS cannot be spoken with the certificate and key"
                    + " given; is the key too short, or of a kind that nobody uses?");
        }
        return store;
    }

    private static void configure(SslContextFactory.Server ssl, KeyStore store) {
        ssl.setKeyStorePassword("");
        ssl.setKeyManagerPassword("");
        ssl.setKeyStore(store);
        ssl.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        ssl.setRenegotiationAllowed(false);
    }
}
