-- Runs as gateway_owner, who owns everything here. No role is granted any change to any table: what may change, changes
-- through the functions of the later files.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Numbers the changes of keys and tenants, so that terms can be compared and changes followed.
CREATE SEQUENCE gateway.revision;

CREATE TABLE gateway.tenant (
    tenant_id           text PRIMARY KEY CHECK (tenant_id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    display_name        text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
    allow_all_models    boolean NOT NULL DEFAULT false,
    allowed_models      text[] NOT NULL DEFAULT '{}',
    requests_per_minute bigint CHECK (requests_per_minute >= 0),
    tokens_per_minute   bigint CHECK (tokens_per_minute >= 0),
    concurrency         bigint CHECK (concurrency >= 0),
    day_budget          bigint CHECK (day_budget >= 0),
    month_budget        bigint CHECK (month_budget >= 0),
    total_budget        bigint CHECK (total_budget >= 0),
    max_output_tokens   integer CHECK (max_output_tokens >= 1),
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    revision            bigint NOT NULL
);
CREATE INDEX tenant_by_revision ON gateway.tenant (revision);

-- A model policy that is null on the key means: the tenant's.
CREATE TABLE gateway.api_key (
    key_id              text PRIMARY KEY CHECK (key_id ~ '^[0-9A-Za-z]{12}$'),
    tenant_id           text NOT NULL REFERENCES gateway.tenant,
    name                text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    lookup_code         bytea NOT NULL UNIQUE CHECK (octet_length(lookup_code) = 32),
    phc                 text NOT NULL CHECK (phc LIKE '$argon2id$%' AND length(phc) <= 500),
    status              text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'revoked')),
    expires_at          timestamptz,
    revoked_at          timestamptz,
    allow_all_models    boolean,
    allowed_models      text[],
    requests_per_minute bigint CHECK (requests_per_minute >= 0),
    tokens_per_minute   bigint CHECK (tokens_per_minute >= 0),
    concurrency         bigint CHECK (concurrency >= 0),
    day_budget          bigint CHECK (day_budget >= 0),
    month_budget        bigint CHECK (month_budget >= 0),
    total_budget        bigint CHECK (total_budget >= 0),
    max_output_tokens   integer CHECK (max_output_tokens >= 1),
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    revision            bigint NOT NULL,
    CHECK ((allow_all_models IS NULL) = (allowed_models IS NULL)),
    CHECK ((status = 'revoked') = (revoked_at IS NOT NULL))
);
CREATE INDEX api_key_by_tenant ON gateway.api_key (tenant_id);
CREATE INDEX api_key_by_revision ON gateway.api_key (revision);

-- What every admission of a tenant locks first. Whoever holds it (a revoke, a new epoch, a changed limit) therefore stands
-- either before or after each admission. A table of its own, so that locking does not churn the tenant's row.
CREATE TABLE gateway.tenant_gate (
    tenant_id text PRIMARY KEY REFERENCES gateway.tenant,
    epoch     bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- account: 't:' tenant or 'k:' key. Kept also where nothing is limited, so that a limit set later counts what was used before.
-- cap: the limit in force at the last admission. A settlement never raises reserved + spent, so lowering a limit below what
-- is used denies, and never makes a settlement fail. overrun: charged beyond the reservation.
CREATE TABLE gateway.budget_account (
    account      text NOT NULL,
    period       text NOT NULL CHECK (period IN ('day', 'month', 'total')),
    period_start date NOT NULL,
    reserved     bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    spent        bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    overrun      bigint NOT NULL DEFAULT 0 CHECK (overrun >= 0),
    cap          bigint,
    PRIMARY KEY (account, period, period_start),
    CONSTRAINT never_over_the_limit CHECK (cap IS NULL OR reserved + spent <= cap)
) WITH (fillfactor = 50);
-- How long an account is kept, as an expression: an index on the columns could end up in the plan of an admission, and all
-- accounts of today share them.
CREATE INDEX budget_account_by_age
    ON gateway.budget_account ((period_start + CASE period WHEN 'day' THEN 60 WHEN 'month' THEN 400 END));

-- unbroken_since: start of the row of heartbeats without a gap. Only an instance that has itself been heard all the time
-- may declare another one dead; otherwise the first one back after an outage would fence all others.
CREATE TABLE gateway.gateway_instance (
    instance_id    text PRIMARY KEY,
    state          text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'fenced', 'stopped')),
    heartbeat_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    unbroken_since timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

-- A request id is a UUID of version 7 and carries its time: tables partitioned by it keep it as their primary key, and a
-- month can be dropped as a whole.

-- Whoever inserts first decides, so that an admission still under way can never outrun its own void.
CREATE TABLE gateway.request_fate (
    request_id uuid PRIMARY KEY,
    fate       text NOT NULL CHECK (fate IN ('admitted', 'void'))
) PARTITION BY RANGE (request_id);

CREATE TABLE gateway.admission (
    request_id  uuid PRIMARY KEY,
    tenant_id   text NOT NULL,
    key_id      text NOT NULL,
    instance_id text NOT NULL,
    epoch       bigint NOT NULL,
    revision    bigint NOT NULL,
    endpoint    text NOT NULL,
    model       text NOT NULL,
    input_bound bigint NOT NULL CHECK (input_bound >= 0),
    output_cap  bigint NOT NULL CHECK (output_cap >= 0),
    admitted_at timestamptz NOT NULL,
    deadline    timestamptz NOT NULL
) PARTITION BY RANGE (request_id);
CREATE INDEX admission_by_time ON gateway.admission (admitted_at);
CREATE INDEX admission_by_tenant ON gateway.admission (tenant_id, admitted_at);

CREATE TABLE gateway.settlement (
    request_id        uuid PRIMARY KEY,
    tenant_id         text NOT NULL,
    key_id            text NOT NULL,
    outcome           text NOT NULL,
    basis             text NOT NULL,
    input_tokens      bigint,
    output_tokens     bigint,
    charged           bigint NOT NULL CHECK (charged >= 0),
    upstream_status   integer,
    first_byte_millis bigint,
    duration_millis   bigint,
    settled_at        timestamptz NOT NULL
) PARTITION BY RANGE (request_id);
CREATE INDEX settlement_by_tenant ON gateway.settlement (tenant_id, settled_at);

-- An authenticated caller was turned away.
CREATE TABLE gateway.audit_denial (
    request_id uuid PRIMARY KEY,
    at         timestamptz NOT NULL,
    tenant_id  text NOT NULL,
    key_id     text NOT NULL,
    endpoint   text NOT NULL,
    model      text,
    reason     text NOT NULL
) PARTITION BY RANGE (request_id);
CREATE INDEX audit_denial_by_time ON gateway.audit_denial (at);
CREATE INDEX audit_denial_by_tenant ON gateway.audit_denial (tenant_id, at);

-- Callers without a valid key, counted per source and minute.
CREATE TABLE gateway.audit_refusal (
    minute   timestamptz NOT NULL,
    source   text NOT NULL,
    reason   text NOT NULL,
    refusals bigint NOT NULL CHECK (refusals > 0),
    PRIMARY KEY (minute, source, reason)
);

-- What was changed with the command line; never a secret.
CREATE TABLE gateway.audit_change (
    change_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    database_user text NOT NULL DEFAULT session_user,
    what          text NOT NULL,
    tenant_id     text,
    key_id        text,
    details       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_change_by_time ON gateway.audit_change (at);

-- Work table, not a record: inserted by an admission, deleted by its settlement. Keeps the periods it was admitted in.
CREATE TABLE gateway.open_reservation (
    request_id  uuid PRIMARY KEY,
    tenant_id   text NOT NULL,
    key_id      text NOT NULL,
    instance_id text NOT NULL,
    tokens      bigint NOT NULL CHECK (tokens >= 0),
    day_start   date NOT NULL,
    month_start date NOT NULL,
    deadline    timestamptz NOT NULL
);
CREATE INDEX open_reservation_by_tenant ON gateway.open_reservation (tenant_id);
CREATE INDEX open_reservation_by_instance ON gateway.open_reservation (instance_id);
CREATE INDEX open_reservation_by_deadline ON gateway.open_reservation (deadline);

CREATE VIEW gateway.audit_log AS
    SELECT a.request_id, a.admitted_at, a.tenant_id, a.key_id, a.instance_id, a.endpoint, a.model, a.input_bound,
           a.output_cap, coalesce(s.outcome, 'OPEN') AS outcome, s.basis, s.input_tokens, s.output_tokens, s.charged,
           s.upstream_status, s.first_byte_millis, s.duration_millis, s.settled_at
      FROM gateway.admission a
      LEFT JOIN gateway.settlement s USING (request_id);
