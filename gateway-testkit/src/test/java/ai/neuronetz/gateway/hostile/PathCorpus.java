package ai.neuronetz.gateway.hostile;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Every path in every manner, each with the method it goes by and another one. */
final class PathCorpus {

    private static final List<String> METHODS = List.of(
            "GET",
            "POST",
            "HEAD",
            "PUT",
            "PATCH",
            "DELETE",
            "OPTIONS",
            "TRACE",
            "get",
            "post",
            "Get",
            "GETX",
            "FOO",
            "COPY",
            "PROPFIND");

    /** @param number from 0, the position in the corpus */
    record Variant(int number, String manner, String method, String target) {

        /** Stands in the body, so that it can be told which variant a request at Ollama came from. */
        String marker() {
            return "variant-" + number + ".";
        }

        @Override
        public String toString() {
            return number + " (" + manner + "): " + method + " " + Printable.of(target);
        }
    }

    private record Line(String manner, String method, String target) {}

    private PathCorpus() {}

    /** The same for the same seed. */
    static List<Variant> generate(long seed) {
        Random random = new Random(seed);
        Set<Line> lines = new LinkedHashSet<>();
        for (String path : KnownPaths.all()) {
            for (String method : METHODS) {
                lines.add(new Line("exact", method, path));
            }
            PathManners.of(path, random).forEach((manner, targets) -> {
                for (String target : targets) {
                    lines.add(new Line(manner, KnownPaths.methodOf(path), target));
                }
                String any = targets.get(random.nextInt(targets.size()));
                lines.add(new Line(manner, METHODS.get(random.nextInt(METHODS.size())), any));
            });
        }
        List<Variant> variants = new ArrayList<>();
        for (Line line : lines) {
            variants.add(new Variant(variants.size(), line.manner(), line.method(), line.target()));
        }
        return List.copyOf(variants);
    }
}
