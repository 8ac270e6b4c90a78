-- Who may call what. Nobody is granted INSERT, UPDATE, DELETE or TRUNCATE on any table.
GRANT USAGE ON SCHEMA gateway TO gateway_app, gateway_cli, gateway_auditor;
GRANT EXECUTE ON FUNCTION gateway.schema_version() TO gateway_app, gateway_cli, gateway_auditor;

GRANT EXECUTE ON FUNCTION gateway.admit(jsonb, boolean), gateway.begin_epoch(text), gateway.settle(jsonb, boolean),
    gateway.void_admissions(uuid[]), gateway.resolve(uuid[]), gateway.heartbeat(text), gateway.stop_instance(text),
    gateway.reap(text, integer),
    gateway.maintain(), gateway.ensure_partitions(integer), gateway.find_key(text), gateway.key_revision(text),
    gateway.current_revision(), gateway.key_changes(bigint), gateway.rehash_key(text, text, text),
    gateway.record_denials(jsonb), gateway.record_refusals(jsonb)
  TO gateway_app;

GRANT EXECUTE ON FUNCTION gateway.create_tenant(text, text),
    gateway.create_key(text, text, text, bytea, text, timestamptz), gateway.revoke_key(text),
    gateway.set_tenant_models(text, boolean, text[]), gateway.set_key_models(text, boolean, text[]),
    gateway.set_tenant_limits(text, bigint, bigint, bigint, bigint, bigint, bigint, integer),
    gateway.set_key_limits(text, bigint, bigint, bigint, bigint, bigint, bigint, integer)
  TO gateway_cli;

GRANT SELECT ON gateway.tenant, gateway.budget_account, gateway.gateway_instance, gateway.admission, gateway.settlement,
    gateway.audit_denial, gateway.audit_refusal, gateway.audit_change, gateway.audit_log
  TO gateway_cli, gateway_auditor;
-- Not the hash, not the look-up code.
GRANT SELECT (key_id, tenant_id, name, status, expires_at, revoked_at, allow_all_models, allowed_models,
    requests_per_minute, tokens_per_minute, concurrency, day_budget, month_budget, total_budget, max_output_tokens,
    created_at, revision) ON gateway.api_key
  TO gateway_cli, gateway_auditor;
