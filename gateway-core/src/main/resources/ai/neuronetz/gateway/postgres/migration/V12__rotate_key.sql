-- A key may have a successor with the same terms; while it ends, both work.
ALTER TABLE gateway.api_key ADD COLUMN successor text REFERENCES gateway.api_key;
GRANT SELECT (successor) ON gateway.api_key TO gateway_cli, gateway_auditor;

-- Makes the successor, and has the old key end after the overlap, or at its own expiry if that is earlier; with no overlap it
-- is revoked. The successor goes on from the budgets as they stand: a rotation is no way to spend one twice.
CREATE FUNCTION gateway.rotate_key(p_key text, p_successor text, p_lookup_code bytea, p_phc text, p_overlap interval)
RETURNS TABLE (tenant_id text, name text, expires_at timestamptz, old_ends_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_revision bigint := next_revision();
    v_tenant text := hold_key(p_key);
    v_now timestamptz := clock_timestamp();
    v_old api_key;
    v_ends_at timestamptz;
BEGIN
    SELECT * INTO v_old FROM api_key WHERE key_id = p_key;
    IF p_overlap IS NULL OR p_overlap < interval '0' OR p_overlap > interval '366 days' THEN
        RAISE EXCEPTION 'overlap: % (expected: 0 to 366 days)', p_overlap USING ERRCODE = 'GW400';
    ELSIF v_old.successor IS NOT NULL THEN
        RAISE EXCEPTION 'the key % was rotated already; rotate its successor, %', p_key, v_old.successor
            USING ERRCODE = 'GW409';
    ELSIF v_old.status <> 'active' THEN
        RAISE EXCEPTION 'the key % is revoked; create a new one', p_key USING ERRCODE = 'GW409';
    ELSIF v_old.expires_at <= v_now THEN
        RAISE EXCEPTION 'the key % expired at %; create a new one', p_key, v_old.expires_at USING ERRCODE = 'GW409';
    END IF;
    INSERT INTO api_key (key_id, tenant_id, name, lookup_code, phc, expires_at, allow_all_models, allowed_models,
                         requests_per_minute, tokens_per_minute, concurrency, day_budget, month_budget, total_budget,
                         max_output_tokens, prompt_retention, revision)
      VALUES (p_successor, v_tenant, v_old.name, p_lookup_code, p_phc, v_old.expires_at, v_old.allow_all_models,
              v_old.allowed_models, v_old.requests_per_minute, v_old.tokens_per_minute, v_old.concurrency,
              v_old.day_budget, v_old.month_budget, v_old.total_budget, v_old.max_output_tokens, v_old.prompt_retention,
              v_revision)
      ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is a key % already; generate another', p_successor USING ERRCODE = 'GW409';
    END IF;
    -- What is reserved counts as spent: it may be, and the successor must not wait to learn it.
    INSERT INTO budget_account (account, period, period_start, spent)
      SELECT 'k:' || p_successor, b.period, b.period_start, b.reserved + b.spent
        FROM budget_account b WHERE b.account = 'k:' || p_key;
    v_ends_at := least(v_now + p_overlap, v_old.expires_at);
    IF p_overlap = interval '0' THEN
        UPDATE api_key SET successor = p_successor, status = 'revoked', revoked_at = v_now, revision = v_revision
         WHERE key_id = p_key;
    ELSE
        UPDATE api_key SET successor = p_successor, expires_at = v_ends_at, revision = v_revision WHERE key_id = p_key;
    END IF;
    INSERT INTO audit_change (what, tenant_id, key_id, details) VALUES
        ('rotate-key', v_tenant, p_key, jsonb_build_object('successor', p_successor, 'overlap', p_overlap,
            'ends_at', v_ends_at, 'before', jsonb_build_object('expires_at', v_old.expires_at))),
        ('create-key', v_tenant, p_successor, jsonb_build_object('name', v_old.name, 'expires_at', v_old.expires_at,
            'rotated_from', p_key));
    RETURN QUERY SELECT v_tenant, v_old.name, v_old.expires_at, v_ends_at;
END $$;

CREATE OR REPLACE FUNCTION gateway.schema_version() RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT 12';

GRANT EXECUTE ON FUNCTION gateway.rotate_key(text, text, bytea, text, interval) TO gateway_cli;

-- For whoever looks whether seals are made: the newest, and since when something waits for one.
CREATE FUNCTION gateway.seal_state() RETURNS TABLE (number bigint, sealed_at timestamptz, unsealed_since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    SELECT s.number, s.sealed_at, unsealed_since(coalesce(s.to_tx, '0'))
      FROM (VALUES (1)) one LEFT JOIN LATERAL
           (SELECT a.number, a.sealed_at, a.to_tx FROM audit_seal a ORDER BY a.number DESC LIMIT 1) s ON true
$$;
GRANT EXECUTE ON FUNCTION gateway.seal_state() TO gateway_app;
