package ai.neuronetz.gateway;

import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.accounting.Accountant;
import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.accounting.UsageRecord;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.TrustedProxies;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.prompts.PromptLog;
import ai.neuronetz.gateway.upstream.Upstream;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a pipeline is made of. */
record PipelineParts(
        Authenticator authenticator,
        Authorizer authorizer,
        Meter meter,
        Upstream upstream,
        Accountant accountant,
        Consumer<UsageRecord> usage,
        AuditLog auditLog,
        @Nullable PromptLog prompts,
        TrustedProxies trustedProxies,
        int maxBodyBytes,
        OpenExchanges open,
        Map<String, BooleanSupplier> dependencies,
        MeterRegistry registry,
        Runnable onClose) {}
