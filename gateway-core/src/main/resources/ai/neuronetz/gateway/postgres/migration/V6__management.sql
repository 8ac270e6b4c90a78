-- What the command line may change. Each function audits in the transaction that makes the change. Error codes: GW400 a
-- value out of range, GW404 unknown, GW409 taken.

-- Takes the next number. Changes wait for one another, so that numbers become visible in order.
CREATE FUNCTION gateway.next_revision() RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, gateway, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7233, 1);
    RETURN nextval('gateway.revision');
END $$;

-- Stands still all admissions of a tenant until the change has committed: nothing is admitted on the old terms after it.
CREATE FUNCTION gateway.hold_gate(p_tenant text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, gateway, pg_temp AS $$
BEGIN
    PERFORM 1 FROM tenant_gate WHERE tenant_id = p_tenant FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no tenant %; create it first, or list the tenants', p_tenant USING ERRCODE = 'GW404';
    END IF;
END $$;

CREATE FUNCTION gateway.hold_key(p_key text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_tenant text;
BEGIN
    SELECT tenant_id INTO v_tenant FROM api_key WHERE key_id = p_key;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no key %; list the keys', p_key USING ERRCODE = 'GW404';
    END IF;
    PERFORM hold_gate(v_tenant);
    RETURN v_tenant;
END $$;

CREATE FUNCTION gateway.create_tenant(p_tenant text, p_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
BEGIN
    IF p_tenant IS NULL OR p_tenant !~ '^[a-z0-9][a-z0-9_-]{0,62}$' THEN
        RAISE EXCEPTION 'tenant id: % (expected: 1 to 63 of a-z, 0-9, _ and -, first a letter or digit)', p_tenant
            USING ERRCODE = 'GW400';
    END IF;
    INSERT INTO tenant (tenant_id, display_name, revision) VALUES (p_tenant, p_name, next_revision())
      ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is a tenant % already; choose another id', p_tenant USING ERRCODE = 'GW409';
    END IF;
    INSERT INTO tenant_gate (tenant_id) VALUES (p_tenant);
    INSERT INTO audit_change (what, tenant_id, details)
      VALUES ('create-tenant', p_tenant, jsonb_build_object('name', p_name));
END $$;

CREATE FUNCTION gateway.create_key(p_tenant text, p_key text, p_name text, p_lookup_code bytea, p_phc text,
                                   p_expires_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_revision bigint := next_revision();
BEGIN
    PERFORM hold_gate(p_tenant);
    IF p_expires_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'expiry: % is past; choose a later instant', p_expires_at USING ERRCODE = 'GW400';
    END IF;
    INSERT INTO api_key (key_id, tenant_id, name, lookup_code, phc, expires_at, revision)
      VALUES (p_key, p_tenant, p_name, p_lookup_code, p_phc, p_expires_at, v_revision)
      ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is a key % already; generate another', p_key USING ERRCODE = 'GW409';
    END IF;
    INSERT INTO audit_change (what, tenant_id, key_id, details)
      VALUES ('create-key', p_tenant, p_key, jsonb_build_object('name', p_name, 'expires_at', p_expires_at));
END $$;

-- Idempotent. Holds for every admission after its commit.
CREATE FUNCTION gateway.revoke_key(p_key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_revision bigint := next_revision();
    v_tenant text := hold_key(p_key);
BEGIN
    UPDATE api_key SET status = 'revoked', revoked_at = clock_timestamp(), revision = v_revision
     WHERE key_id = p_key AND status = 'active';
    IF FOUND THEN
        INSERT INTO audit_change (what, tenant_id, key_id) VALUES ('revoke-key', v_tenant, p_key);
    END IF;
END $$;

CREATE FUNCTION gateway.set_tenant_models(p_tenant text, p_allow_all boolean, p_allowed text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_revision bigint := next_revision();
    v_old tenant;
BEGIN
    PERFORM hold_gate(p_tenant);
    SELECT * INTO v_old FROM tenant WHERE tenant_id = p_tenant;
    UPDATE tenant SET allow_all_models = p_allow_all, allowed_models = p_allowed, revision = v_revision
     WHERE tenant_id = p_tenant;
    INSERT INTO audit_change (what, tenant_id, details) VALUES ('set-models', p_tenant, jsonb_build_object(
        'allow_all_models', p_allow_all, 'allowed_models', p_allowed,
        'before', jsonb_build_object('allow_all_models', v_old.allow_all_models, 'allowed_models', v_old.allowed_models)));
END $$;

-- Both null: as the tenant's again.
CREATE FUNCTION gateway.set_key_models(p_key text, p_allow_all boolean, p_allowed text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_revision bigint := next_revision();
    v_tenant text := hold_key(p_key);
    v_old api_key;
BEGIN
    SELECT * INTO v_old FROM api_key WHERE key_id = p_key;
    UPDATE api_key SET allow_all_models = p_allow_all, allowed_models = p_allowed, revision = v_revision
     WHERE key_id = p_key;
    INSERT INTO audit_change (what, tenant_id, key_id, details) VALUES ('set-models', v_tenant, p_key, jsonb_build_object(
        'allow_all_models', p_allow_all, 'allowed_models', p_allowed,
        'before', jsonb_build_object('allow_all_models', v_old.allow_all_models, 'allowed_models', v_old.allowed_models)));
END $$;

CREATE FUNCTION gateway.set_tenant_limits(p_tenant text, p_requests bigint, p_tokens bigint, p_concurrency bigint,
    p_day bigint, p_month bigint, p_total bigint, p_max_output integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_revision bigint := next_revision();
    v_old tenant;
    v_new tenant;
BEGIN
    PERFORM hold_gate(p_tenant);
    SELECT * INTO v_old FROM tenant WHERE tenant_id = p_tenant;
    UPDATE tenant SET requests_per_minute = p_requests, tokens_per_minute = p_tokens, concurrency = p_concurrency,
           day_budget = p_day, month_budget = p_month, total_budget = p_total, max_output_tokens = p_max_output,
           revision = v_revision
     WHERE tenant_id = p_tenant RETURNING * INTO v_new;
    INSERT INTO audit_change (what, tenant_id, details) VALUES ('set-limits', p_tenant,
        jsonb_build_object('limits', limits_of(to_jsonb(v_new)), 'before', limits_of(to_jsonb(v_old))));
END $$;

CREATE FUNCTION gateway.set_key_limits(p_key text, p_requests bigint, p_tokens bigint, p_concurrency bigint,
    p_day bigint, p_month bigint, p_total bigint, p_max_output integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_revision bigint := next_revision();
    v_tenant text := hold_key(p_key);
    v_old api_key;
    v_new api_key;
BEGIN
    SELECT * INTO v_old FROM api_key WHERE key_id = p_key;
    UPDATE api_key SET requests_per_minute = p_requests, tokens_per_minute = p_tokens, concurrency = p_concurrency,
           day_budget = p_day, month_budget = p_month, total_budget = p_total, max_output_tokens = p_max_output,
           revision = v_revision
     WHERE key_id = p_key RETURNING * INTO v_new;
    INSERT INTO audit_change (what, tenant_id, key_id, details) VALUES ('set-limits', v_tenant, p_key,
        jsonb_build_object('limits', limits_of(to_jsonb(v_new)), 'before', limits_of(to_jsonb(v_old))));
END $$;

-- Only what is a limit, so that no hash or look-up code gets into the audit.
CREATE FUNCTION gateway.limits_of(p_row jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'requests_per_minute', p_row -> 'requests_per_minute', 'tokens_per_minute', p_row -> 'tokens_per_minute',
        'concurrency', p_row -> 'concurrency', 'day_budget', p_row -> 'day_budget',
        'month_budget', p_row -> 'month_budget', 'total_budget', p_row -> 'total_budget',
        'max_output_tokens', p_row -> 'max_output_tokens'))
$$;
