package ai.neuronetz.gateway;

import static java.util.Objects.requireNonNull;

import ai.neuronetz.gateway.access.Authorization;
import ai.neuronetz.gateway.access.Authorizer;
import ai.neuronetz.gateway.access.Grant;
import ai.neuronetz.gateway.access.ModelLookup;
import ai.neuronetz.gateway.access.VisibleModels;
import ai.neuronetz.gateway.accounting.Accountant;
import ai.neuronetz.gateway.accounting.AuditLog;
import ai.neuronetz.gateway.accounting.Observation;
import ai.neuronetz.gateway.exchange.ClientRequest;
import ai.neuronetz.gateway.exchange.Denial;
import ai.neuronetz.gateway.exchange.Reason;
import ai.neuronetz.gateway.identity.Authentication;
import ai.neuronetz.gateway.identity.Authenticator;
import ai.neuronetz.gateway.identity.KeyId;
import ai.neuronetz.gateway.identity.Limits;
import ai.neuronetz.gateway.identity.ModelPolicy;
import ai.neuronetz.gateway.identity.Principal;
import ai.neuronetz.gateway.metering.Meter;
import ai.neuronetz.gateway.metering.Metering;
import ai.neuronetz.gateway.metering.Reservation;
import ai.neuronetz.gateway.metering.Settlement;
import ai.neuronetz.gateway.ollama.Endpoint;
import ai.neuronetz.gateway.upstream.Upstream;
import ai.neuronetz.gateway.upstream.UpstreamCall;
import ai.neuronetz.gateway.upstream.UpstreamReceiver;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All five stages, each of which does what the test says and notes that it was asked. */
final class ScriptedStages implements Authenticator, Authorizer, Accountant, AuditLog, Upstream {

    static final Principal PRINCIPAL =
            new Principal("acme", new KeyId("AAAAAAAAAAAA"), ModelPolicy.none(), Limits.none(), Limits.none(), null, 1);
    static final int OUTPUT_CAP = 3;

    final GatewaySettings.Builder settings = GatewaySettings.builder();
    final Meter meter = new ScriptedMeter();
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<UUID> ids = new CopyOnWriteArrayList<>();
    final List<Observation> observations = new CopyOnWriteArrayList<>();

    Supplier<Authentication> authentication = () -> new Authentication.Authenticated(PRINCIPAL);
    Supplier<Currency> currency = () -> Currency.CURRENT;
    Supplier<Authorization> authorization = () -> new Authorization.Granted(grant(true));
    Supplier<VisibleModels> visible = VisibleModels.Unverifiable::new;
    Function<String, ModelLookup> lookup = model -> new ModelLookup.Refused(Denial.of(Reason.MODEL_NOT_PERMITTED));
    UnaryOperator<Metering> metering = UnaryOperator.identity();
    Runnable sending = () -> {};
    Runnable closing = () -> {};
    Consumer<Reservation> accounting = reservation -> reservation.settle(Settlement.notForwarded(0));
    final List<Settlement> settlements = new CopyOnWriteArrayList<>();
    Runnable auditing = () -> {};
    int cancelled;

    @Nullable
    UpstreamCall call = () -> cancelled++;

    private @Nullable UpstreamReceiver receiver;

    /** A pipeline of these stages and no others. */
    GatewayPipeline pipeline() {
        return builder().build();
    }

    GatewayPipelineBuilder builder() {
        return GatewayPipeline.builder(settings.build())
                .authenticator(this)
                .authorizer(this)
                .meter(meter)
                .upstream(this)
                .accountant(this)
                .auditLog(this);
    }

    static Grant grant(boolean streamed) {
        return new Grant(
                Endpoint.CHAT,
                "llama3:8b",
                new byte[] {'{', '}'},
                streamed,
                false,
                false,
                20,
                OUTPUT_CAP,
                List.of("keep_alive"));
    }

    /** Where the test says what Ollama answers. */
    UpstreamReceiver ollama() {
        return requireNonNull(receiver, "nothing was forwarded");
    }

    boolean forwarded() {
        return receiver != null;
    }

    @Override
    public Authentication authenticate(ClientRequest request) {
        events.add("authenticate");
        return authentication.get();
    }

    @Override
    public Currency check(Principal principal) {
        events.add("check");
        return currency.get();
    }

    @Override
    public void forget(Principal principal) {
        events.add("forget");
    }

    @Override
    public Authorization authorize(Principal principal, Endpoint endpoint, byte[] body) {
        events.add("authorize");
        return authorization.get();
    }

    @Override
    public VisibleModels visible(Principal principal) {
        events.add("visible");
        return visible.get();
    }

    @Override
    public ModelLookup find(Principal principal, String model) {
        events.add("find " + model);
        return lookup.apply(model);
    }

    @Override
    @SuppressWarnings("NullAway") // also what a stage must not return
    public UpstreamCall send(Reservation reservation, UpstreamReceiver to) {
        events.add("forward");
        reservation.claim();
        sending.run();
        receiver = to;
        return call;
    }

    @Override
    public void account(Reservation reservation, Observation observation) {
        events.add("account");
        observations.add(observation);
        accounting.accept(reservation);
    }

    @Override
    public void denied(UUID requestId, Principal principal, String endpoint, @Nullable String model, Reason reason) {
        events.add("denied " + reason.code());
        auditing.run();
    }

    @Override
    public void refused(String source, Reason reason) {
        events.add("refused " + reason.code());
        auditing.run();
    }

    @Override
    public void close() {
        events.add("close");
        closing.run();
    }

    private final class ScriptedMeter extends Meter {

        @Override
        public Metering reserve(UUID requestId, Principal principal, Grant grant) {
            events.add("reserve");
            ids.add(requestId);
            return metering.apply(new Metering.Reserved(
                    reserved(requestId, principal, grant, Map.of("X-Budget-Remaining", "7"), settlements::add)));
        }
    }
}
