package ai.neuronetz.gateway.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of the project, as they stand in its tree. */
public final class Pages {

    public static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Pages() {}

    /** Every page of documentation, relative to the root. */
    public static List<Path> all() {
        return files(".md").stream().map(ROOT::relativize).toList();
    }

    public static String read(Path page) {
        try {
            return Files.readString(ROOT.resolve(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Files of the project by the end of their names; nothing that was built or is hidden. */
    static List<Path> files(String ending) {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .filter(file ->
                            !ROOT.relativize(file).toString().matches("(.*/)?(target|node_modules|\\.[^/]+)/.*"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
