package ai.neuronetz.gateway.app;

import static ai.neuronetz.gateway.admin.Diagnosis.failure;
import static ai.neuronetz.gateway.admin.Diagnosis.ok;
import static ai.neuronetz.gateway.admin.Diagnosis.skipped;
import static ai.neuronetz.gateway.admin.Diagnosis.warning;

import ai.neuronetz.gateway.ConfigurationException;
import ai.neuronetz.gateway.admin.Diagnosis;
import ai.neuronetz.gateway.admin.Examination;
import ai.neuronetz.gateway.postgres.DatabaseExamination;
import ai.neuronetz.gateway.postgres.DatabaseSettings;
import ai.neuronetz.gateway.postgres.SpoolExamination;
import ai.neuronetz.gateway.redis.RedisExamination;
import ai.neuronetz.gateway.redis.RedisSettings;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks at everything a gateway needs, side by side, each with a deadline. */
final class Doctor {

    private static final long DEADLINE_SECONDS = 15;
    private static final Duration CLOCKS_APART = Duration.ofSeconds(2);

    private final Settings settings;
    private final Runnable validation;
    private final Supplier<List<InetAddress>> addresses;

    Doctor(Settings settings, Runnable validation, Supplier<List<InetAddress>> addresses) {
        this.settings = settings;
        this.validation = validation;
        this.addresses = addresses;
    }

    List<Diagnosis> examine() throws InterruptedException {
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "doctor");
            thread.setDaemon(true);
            return thread;
        });
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
            var database = threads.submit(() -> DatabaseExamination.of(DatabaseSettings.parse(settings.databaseUrl())));
            var redis = threads.submit(
                    () -> RedisExamination.of(RedisSettings.parse(settings.required(Setting.REDIS_URL))));
            var ollama = threads.submit((Callable<Examination>) () ->
                    new Examination(new OllamaExamination(settings.ollamaUrl(), addresses.get()).examine(), null));
            var spool = threads.submit(() -> new Examination(
                    List.of(SpoolExamination.of(
                            settings.find(Setting.SPOOL_DIRECTORY).map(Path::of).orElse(null),
                            DatabaseSettings.parse(settings.databaseUrl()))),
                    null));
            var own = threads.submit(
                    () -> new Examination(new SettingsExamination(settings, validation).examine(), null));
            List<Diagnosis> found = new ArrayList<>();
            Examination ofDatabase = await("postgresql", database, deadline);
            Examination ofRedis = await("redis", redis, deadline);
            found.addAll(ofDatabase.diagnoses());
            found.addAll(ofRedis.diagnoses());
            found.addAll(await("ollama", ollama, deadline).diagnoses());
            found.add(clocks(ofDatabase.clockAhead(), ofRedis.clockAhead()));
            found.addAll(await("spool", spool, deadline).diagnoses());
            found.addAll(await("settings", own, deadline).diagnoses());
            return withoutRepetition(found);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Examination await(String subject, Future<Examination> examination, long deadline)
            throws InterruptedException {
        try {
            return examination.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return of(failure(
                    subject,
                    "could not be looked at within " + DEADLINE_SECONDS + " s",
                    "see whether it, or a name server, hangs; then run doctor again"));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ConfigurationException wrong) {
                return of(
                        failure(subject, String.valueOf(wrong.getMessage()), "correct the setting; see doctor --help"));
            }
            // Not its message, which may hold anything.
            return of(failure(
                    subject,
                    "could not be looked at: " + String.valueOf(e.getCause()).replaceFirst(":.*", ""),
                    "please report this"));
        }
    }

    /** A setting that is wrong is met by each who needs it. */
    private static List<Diagnosis> withoutRepetition(List<Diagnosis> found) {
        Set<String> told = new HashSet<>();
        return found.stream().filter(one -> told.add(one.found())).toList();
    }

    private static Examination of(Diagnosis diagnosis) {
        return new Examination(List.of(diagnosis), null);
    }

    private static Diagnosis clocks(@Nullable Duration database, @Nullable Duration redis) {
        if (database == null && redis == null) {
            return skipped("clocks", "neither PostgreSQL nor Redis told the time");
        }
        List<String> offsets = new ArrayList<>();
        boolean apart = false;
        if (database != null) {
            offsets.add("PostgreSQL " + database.toMillis() + " ms");
            apart = tooFar(database);
        }
        if (redis != null) {
            offsets.add("Redis " + redis.toMillis() + " ms");
            apart |= tooFar(redis);
        }
        if (database != null && redis != null) {
            apart |= tooFar(database.minus(redis));
        }
        String found = "ahead of this machine: " + String.join(", ", offsets);
        return apart
                ? warning("clocks", found, "timedatectl set-ntp true, on each of the machines")
                : ok("clocks", found);
    }

    private static boolean tooFar(Duration offset) {
        return offset.abs().compareTo(CLOCKS_APART) > 0;
    }
}
