package ai.neuronetz.gateway.servlet;

import jakarta.servlet.ServletContext;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collections;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL's driver registers itself with the JVM, which would keep every class of an undeployed web application. The
 * gateway does not need the registration, so it is taken back with the application; a driver that is loaded by anyone else
 * is not touched.
 */
final class ApplicationDriver {

    private ApplicationDriver() {}

    static void deregister(@Nullable ServletContext context) {
        ClassLoader gateway = ApplicationDriver.class.getClassLoader();
        if (context == null || !gateway.equals(context.getClassLoader())) {
            return;
        }
        // Its translations are kept by the JVM, too.
        ResourceBundle.clearCache(gateway);
        for (Driver driver : Collections.list(DriverManager.getDrivers())) {
            Class<?> type = driver.getClass();
            if (gateway.equals(type.getClassLoader()) && type.getName().equals("org.postgresql.Driver")) {
                try {
                    DriverManager.deregisterDriver(driver);
                } catch (SQLException e) {
                    LoggerFactory.getLogger(GatewayFilter.class)
                            .warn("PostgreSQL's driver stays registered, and with it the application's classes.");
                }
            }
        }
    }
}
