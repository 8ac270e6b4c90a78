package ai.neuronetz.gateway.app;

import java.util.LinkedHashMap;
import java.util.Map;

/** The settings with which {@code serve} runs, as they may be shown: no secret, and no URL with one. */
final class SettingsInForce {

    private SettingsInForce() {}

    static Map<String, String> of(Settings settings, Setting... shown) {
        Map<String, String> inForce = new LinkedHashMap<>();
        for (Setting setting : shown) {
            inForce.put(setting.name(), shown(settings, setting));
        }
        return inForce;
    }

    private static String shown(Settings settings, Setting setting) {
        if (!setting.hasFlag()) {
            return settings.source(setting)
                    .map(source -> "(from " + source + ")")
                    .orElse("(not set)");
        }
        return settings.find(setting)
                .map(value -> setting.hasFile() ? withoutSecrets(value) : value)
                .orElse("(not set)");
    }

    /** Cuts more than it must, where a password is written in an unexpected way. */
    static String withoutSecrets(String url) {
        int start = url.indexOf("://");
        if (start < 0) {
            return "(not shown)";
        }
        String rest = url.substring(start + 3);
        String behindUser = rest.substring(rest.lastIndexOf('@') + 1);
        return url.substring(0, start + 3) + behindUser.split("[?#]", 2)[0];
    }
}
