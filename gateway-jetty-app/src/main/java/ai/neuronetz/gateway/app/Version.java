package ai.neuronetz.gateway.app;

/** Which build this is, as the jar says. */
final class Version {

    private Version() {}

    static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
