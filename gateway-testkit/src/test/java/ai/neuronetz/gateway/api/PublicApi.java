package ai.neuronetz.gateway.api;

import ai.neuronetz.gateway.GatewayPipeline;
import ai.neuronetz.gateway.Internal;
import ai.neuronetz.gateway.servlet.GatewayFilter;
import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is public in a module and not {@link Internal}: read from the class files, so that nothing is overlooked. */
final class PublicApi {

    private static final Set<String> EVERYWHERE = Set.of("equals", "hashCode", "toString", "valueOf", "values");

    /** Other people's classes are of no interest but for their names, and reading them takes long. */
    private static final JavaClasses BOTH = ArchConfiguration.withThreadLocalScope(configuration -> {
        configuration.setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
                .importUrls(Stream.of(GatewayPipeline.class, GatewayFilter.class)
                        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                        .toList());
    });

    private final Predicate<JavaClass> module;

    private PublicApi(Predicate<JavaClass> module) {
        this.module = module;
    }

    static PublicApi ofCore() {
        return new PublicApi(type -> !isOfServlet(type));
    }

    static PublicApi ofServlet() {
        return new PublicApi(PublicApi::isOfServlet);
    }

    private static boolean isOfServlet(JavaClass type) {
        return type.getPackageName().equals(GatewayFilter.class.getPackageName());
    }

    List<JavaClass> types() {
        return BOTH.stream()
                .filter(module)
                .filter(PublicApi::isApi)
                .sorted(Comparator.comparing(JavaClass::getName))
                .toList();
    }

    static boolean isApi(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && !type.isAnnotatedWith(Internal.class)
                && !type.getPackage().isAnnotatedWith(Internal.class)
                && type.getEnclosingClass().map(PublicApi::isApi).orElse(true);
    }

    static Stream<JavaMember> members(JavaClass type) {
        return type.getMembers().stream()
                .filter(member -> member.getModifiers().contains(JavaModifier.PUBLIC)
                        || (member.getModifiers().contains(JavaModifier.PROTECTED)
                                && !type.getModifiers().contains(JavaModifier.FINAL)))
                .filter(member -> !member.getModifiers().contains(JavaModifier.SYNTHETIC))
                .filter(member -> !member.getModifiers().contains(JavaModifier.BRIDGE))
                .filter(member -> !member.isAnnotatedWith(Internal.class))
                .filter(member -> !EVERYWHERE.contains(member.getName()));
    }

    /** One line for each type, and below it one for each member. */
    List<String> lines() {
        return types().stream()
                .flatMap(type -> Stream.concat(
                        Stream.of(line(type)),
                        members(type).map(PublicApi::line).sorted()))
                .toList();
    }

    private static String line(JavaClass type) {
        String kind = type.isAnnotation()
                ? "annotation"
                : type.isRecord() ? "record" : type.isEnum() ? "enum" : type.isInterface() ? "interface" : "class";
        return modifiers(type.isInterface() ? Set.of() : type.getModifiers()) + kind + " " + type.getName();
    }

    private static String line(JavaMember member) {
        String name = member.getName();
        if (!(member instanceof JavaCodeUnit unit)) {
            return "    " + name;
        }
        String parameters =
                unit.getParameterTypes().stream().map(JavaType::getName).collect(Collectors.joining(", ", "(", ")"));
        String result = name.equals("<init>") ? "" : ": " + unit.getReturnType().getName();
        return ("    " + modifiers(member.getModifiers()) + name.replace("<init>", "new") + parameters + result)
                .replace("java.lang.", "");
    }

    private static String modifiers(Set<JavaModifier> modifiers) {
        return Stream.of(JavaModifier.PROTECTED, JavaModifier.STATIC, JavaModifier.ABSTRACT, JavaModifier.FINAL)
                .filter(modifiers::contains)
                .map(modifier -> modifier.name().toLowerCase(Locale.ROOT) + " ")
                .collect(Collectors.joining());
    }
}
