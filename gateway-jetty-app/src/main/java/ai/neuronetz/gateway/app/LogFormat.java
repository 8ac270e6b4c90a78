package ai.neuronetz.gateway.app;

import ai.neuronetz.gateway.ConfigurationException;

/** How the log is written. */
enum LogFormat {
    /** A line for people. */
    TEXT,
    /** One object per line. */
    JSON;

    /** @throws ConfigurationException if there is no such format */
    static LogFormat parse(String text) {
        return switch (text) {
            case "text" -> TEXT;
            case "json" -> JSON;
            default -> throw new ConfigurationException("LOG_FORMAT: " + text + " (expected: text or json)");
        };
    }
}
