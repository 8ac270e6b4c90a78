package ai.neuronetz.gateway.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate that signs itself, made by the JDK's keytool, and its key, both as PEM. */
record PemFiles(String certificate, String key) {

    private static final String PASSWORD = "changeit";

    /** Valid for 90 days. */
    static PemFiles create(Path directory, String name, String algorithm) throws Exception {
        return create(directory, name, algorithm, 90);
    }

    /** @param algorithm RSA, EC or Ed25519 */
    static PemFiles create(Path directory, String name, String algorithm, int days) throws Exception {
        Path store = directory.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=" + name,
                        "-validity",
                        Integer.toString(days),
                        "-alias",
                        "it",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD))
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool: " + said);
        }
        return fromStore(store);
    }

    private static PemFiles fromStore(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        return new PemFiles(
                pem("CERTIFICATE", store.getCertificate("it").getEncoded()),
                pem("PRIVATE KEY", store.getKey("it", PASSWORD.toCharArray()).getEncoded()));
    }

    static String pem(String type, byte[] encoded) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded) + "\n-----END " + type
                + "-----\n";
    }

    /** Puts text where only this user can read it, in one step, as deployment tools do. */
    static void put(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text);
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
