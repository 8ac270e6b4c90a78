package ai.neuronetz.gateway.exchange;

/**
 * Why a request was turned away: the one source of every error the gateway answers with.
 *
 * <p>Code, status and text are constants: nothing a client, Ollama or a database said ever becomes part of an answer. Codes
 * stay as they are; later releases may add some.
 */
public enum Reason {
    INVALID_API_KEY(401, "invalid_api_key", "A valid API key is required: Authorization: Bearer nng_..."),
    CALLER_UNKNOWN(401, "caller_unknown", "The application that serves this address does not know who is calling."),
    CROSS_ORIGIN_REFUSED(
            403, "cross_origin_refused", "A page of another origin may not act for the caller; see the CORS settings."),
    CONFLICTING_CREDENTIALS(400, "conflicting_credentials", "Send exactly one API key in exactly one header."),
    INVALID_FORWARDED_FOR(
            400, "invalid_forwarded_for", "X-Forwarded-For must be a short list of IP addresses; fix the proxy."),
    TOO_MANY_AUTH_FAILURES(
            429, "too_many_auth_failures", "Too many failed attempts from this address; wait and try again."),
    IDENTITY_UNVERIFIABLE(503, "identity_unverifiable", "The API key cannot be verified right now; try again."),

    BAD_REQUEST(400, "bad_request", "This is not a request this gateway accepts."),
    NOT_FOUND(404, "not_found", "There is no such endpoint."),
    METHOD_NOT_ALLOWED(405, "method_not_allowed", "This endpoint does not take this method; see Allow."),
    ENDPOINT_BLOCKED(403, "endpoint_blocked", "This endpoint changes the model server and is never forwarded."),

    BODY_TOO_LARGE(413, "body_too_large", "The request body is larger than this gateway accepts."),
    UNSUPPORTED_ENCODING(415, "unsupported_encoding", "Send the body without a Content-Encoding."),
    INVALID_BODY(400, "invalid_body", "The request body did not arrive whole."),
    INVALID_JSON(400, "invalid_json", "The body must be one JSON object in UTF-8, without duplicate keys."),
    INVALID_FIELD(400, "invalid_field", "A field has a type or value that is not accepted."),
    MISSING_FIELD(400, "missing_field", "A required field is missing or empty."),
    SERVER_TOOL_REFUSED(
            400, "server_tool_refused", "Tools that the model server would run by itself are not accepted."),
    LOAD_REFUSED(400, "load_refused", "Requests that only load or unload a model are not accepted."),

    MODEL_NOT_PERMITTED(403, "model_not_permitted", "This model is not available to this key."),
    MODELS_UNVERIFIABLE(503, "models_unverifiable", "The installed models cannot be verified right now; try again."),
    MODEL_DETAILS_UNKNOWN(
            503, "model_details_unknown", "The model server has not described this model yet; try again in a moment."),

    REQUEST_EXCEEDS_LIMIT(
            400, "request_exceeds_limit", "This request could never fit the limits of this key; make it smaller."),
    RATE_LIMIT_REQUESTS(429, "rate_limit_requests", "Too many requests in this minute; see Retry-After."),
    RATE_LIMIT_TOKENS(429, "rate_limit_tokens", "Too many tokens in this minute; see Retry-After."),
    CONCURRENCY_LIMIT(429, "concurrency_limit", "Too many requests at once; wait for one to end."),
    BUDGET_EXHAUSTED(
            402,
            "budget_exhausted",
            "The token budget is spent, or reserved by requests that are open; see X-Budget-Remaining."),
    LIMITS_UNVERIFIABLE(503, "limits_unverifiable", "The limits cannot be verified right now; try again."),
    LEDGER_UNAVAILABLE(503, "ledger_unavailable", "The request cannot be recorded right now; try again."),
    GATEWAY_BUSY(503, "gateway_busy", "All places at the model server are taken; try again."),
    SHUTTING_DOWN(503, "shutting_down", "The gateway is stopping; try again."),
    INTERNAL_ERROR(503, "internal_error", "The request could not be checked and was therefore denied."),

    UPSTREAM_UNREACHABLE(502, "upstream_unreachable", "The model server could not be reached."),
    UPSTREAM_ERROR(502, "upstream_error", "The model server failed to answer this request."),
    UPSTREAM_REJECTED(400, "upstream_rejected", "The model server did not accept this request for this model."),
    UPSTREAM_BUSY(503, "upstream_busy", "The model server is busy; try again."),
    UPSTREAM_TIMEOUT(504, "upstream_timeout", "The model server did not answer in time."),
    UPSTREAM_INCOMPLETE(502, "upstream_incomplete", "The answer was cut short: what came so far is not complete."),
    KEY_REVOKED_IN_STREAM(401, "invalid_api_key", "The API key was revoked while the answer was running.");

    private final int status;
    private final String code;
    private final String text;

    Reason(int status, String code, String text) {
        this.status = status;
        this.code = code;
        this.text = text;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** Stable, for programs. */
    public String code() {
        return code;
    }

    /** For people; the same for every request. */
    public String text() {
        return text;
    }
}
