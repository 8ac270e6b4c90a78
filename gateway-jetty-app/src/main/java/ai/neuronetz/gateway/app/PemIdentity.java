package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's certificates and private key, from the files of {@code TLS_CERTIFICATE_FILE} and {@code TLS_KEY_FILE}.
 *
 * @param chain the server's own certificate, then those between it and the root
 */
record PemIdentity(List<X509Certificate> chain, PrivateKey key) {

    private static final int MAX_CERTIFICATE_BYTES = 256 * 1024;
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final Map<String, String> SIGNATURES =
            Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

    PemIdentity {
        chain = List.copyOf(chain);
    }

    /** When the first of the chain becomes invalid, and all of it useless. */
    Instant expiration() {
        return chain.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** @throws ConfigurationException in one line, if they cannot be read or do not belong together */
    static PemIdentity read(String certificateFile, String keyFile) {
        List<X509Certificate> chain = certificates(certificateFile);
        PublicKey publicKey = chain.get(0).getPublicKey();
        if (!SIGNATURES.containsKey(publicKey.getAlgorithm())) {
            throw new ConfigurationException("TLS_CERTIFICATE_FILE: the certificate in " + certificateFile
                    + " is for a key of the kind " + publicKey.getAlgorithm() + "; use RSA, EC or Ed25519");
        }
        PrivateKey key = privateKey(keyFile, publicKey.getAlgorithm());
        if (!belongTogether(publicKey, key)) {
            throw new ConfigurationException("TLS_KEY_FILE: the key in " + keyFile
                    + " is not that of the first certificate in " + certificateFile
                    + "; give the two that were issued together, the server's own certificate first");
        }
        return new PemIdentity(chain, key);
    }

    /** Of one entry, without a password: it never leaves the memory. */
    KeyStore keyStore() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", key, new char[0], chain.toArray(new Certificate[0]));
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the JDK cannot hold a key and its certificate", e);
        }
    }

    private static List<X509Certificate> certificates(String file) {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            Path path = Path.of(file);
            if (Files.size(path) > MAX_CERTIFICATE_BYTES) {
                throw new ConfigurationException("TLS_CERTIFICATE_FILE: " + file + " is too long for certificates");
            }
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(path)))
                    .forEach(certificate -> chain.add((X509Certificate) certificate));
        } catch (IOException | InvalidPathException e) {
            throw new ConfigurationException(
                    "TLS_CERTIFICATE_FILE: " + file + " cannot be read; check the path and its permissions");
        } catch (CertificateException e) {
            throw new ConfigurationException("TLS_CERTIFICATE_FILE: " + file
                    + " holds something other than certificates in PEM (BEGIN CERTIFICATE)");
        }
        if (chain.isEmpty()) {
            throw new ConfigurationException(
                    "TLS_CERTIFICATE_FILE: there is no certificate in " + file + " (BEGIN CERTIFICATE)");
        }
        return chain;
    }

    private static PrivateKey privateKey(String file, String algorithm) {
        Matcher pem = PKCS8.matcher(SecretFile.text("TLS_KEY_FILE", file));
        if (!pem.find()) {
            throw new ConfigurationException("TLS_KEY_FILE: there is no unencrypted PKCS#8 key in " + file
                    + " (BEGIN PRIVATE KEY); openssl pkcs8 -topk8 -nocrypt makes one of others");
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (IllegalArgumentException | InvalidKeySpecException e) {
            throw new ConfigurationException("TLS_KEY_FILE: the key in " + file + " is not of the certificate's kind, "
                    + algorithm + ", or broken; give the one that the certificate was issued for");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK cannot read keys of the kind " + algorithm, e);
        }
    }

    private static boolean belongTogether(PublicKey publicKey, PrivateKey key) {
        byte[] probe = {1, 2, 3};
        try {
            Signature signature = Signature.getInstance(SIGNATURES.get(publicKey.getAlgorithm()));
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(probe);
            return signature.verify(signed);
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK cannot sign with " + publicKey.getAlgorithm(), e);
        }
    }
}
