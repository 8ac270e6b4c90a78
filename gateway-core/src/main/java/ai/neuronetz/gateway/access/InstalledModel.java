package ai.neuronetz.gateway.access;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.ollama.ModelName;

/**
 * One model of the last discovery. Immutable.
 *
 * @param name its canonical name
 * @param spelling as Ollama lists it, always with a tag
 * @param digest 64 hexadecimal digits, lower case; empty if Ollama gave none, which no pin matches
 * @param remote answered by another machine than this Ollama's: a cloud model or a remote stub
 * @param listing the entry for {@code /api/tags}, as JSON, without fields that tell of other hosts
 * @param created when it was last modified, in seconds since the epoch
 */
public record InstalledModel(
        ModelName name, String spelling, String digest, boolean remote, String listing, long created) {

    public InstalledModel {
        requireNonNull(name, "name");
        requireNonNull(spelling, "spelling");
        requireNonNull(digest, "digest");
        requireNonNull(listing, "listing");
    }
}
