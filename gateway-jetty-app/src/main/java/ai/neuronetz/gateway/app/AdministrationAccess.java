package ai.neuronetz.gateway.app;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.admin.Administration;
import java.util.function.Function;

/** How a command comes to its {@link Administration}: by the database settings it was given, once they are needed. */
final class AdministrationAccess {

    private final Settings settings;
    private final Function<String, Administration> connect;

    /** @param connect takes the database's URL, user and password in it */
    AdministrationAccess(Settings settings, Function<String, Administration> connect) {
        this.settings = requireNonNull(settings, "settings");
        this.connect = requireNonNull(connect, "connect");
    }

    /** To be closed by the caller. */
    Administration open() {
        return connect.apply(settings.databaseUrl());
    }
}
