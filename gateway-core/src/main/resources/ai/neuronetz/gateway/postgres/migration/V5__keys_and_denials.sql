-- What the serving role asks about keys, and the denials it writes down.

CREATE FUNCTION gateway.find_key(p_key text) RETURNS TABLE (
    tenant_id text, lookup_code bytea, phc text, usable boolean, revision bigint,
    allow_all_models boolean, allowed_models text[], max_output_tokens integer,
    key_requests bigint, key_tokens bigint, key_concurrency bigint, key_day bigint, key_month bigint, key_total bigint,
    tenant_requests bigint, tenant_tokens bigint, tenant_concurrency bigint, tenant_day bigint, tenant_month bigint,
    tenant_total bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    SELECT k.tenant_id, k.lookup_code, k.phc,
           k.status = 'active' AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()),
           greatest(k.revision, t.revision),
           coalesce(k.allow_all_models, t.allow_all_models), coalesce(k.allowed_models, t.allowed_models),
           least(k.max_output_tokens, t.max_output_tokens),
           k.requests_per_minute, k.tokens_per_minute, k.concurrency, k.day_budget, k.month_budget, k.total_budget,
           t.requests_per_minute, t.tokens_per_minute, t.concurrency, t.day_budget, t.month_budget, t.total_budget
      FROM api_key k JOIN tenant t ON t.tenant_id = k.tenant_id WHERE k.key_id = p_key
$$;

-- No row if there is no such key or it is revoked or expired.
CREATE FUNCTION gateway.key_revision(p_key text) RETURNS TABLE (revision bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    SELECT greatest(k.revision, t.revision)
      FROM api_key k JOIN tenant t ON t.tenant_id = k.tenant_id
     WHERE k.key_id = p_key AND k.status = 'active' AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
$$;

-- Where following the changes begins.
CREATE FUNCTION gateway.current_revision() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    SELECT greatest((SELECT coalesce(max(k.revision), 0) FROM api_key k),
                    (SELECT coalesce(max(t.revision), 0) FROM tenant t))
$$;

-- Keys that changed, or whose tenant did, after a revision. Revisions become visible in order, since changes are made one
-- at a time.
CREATE FUNCTION gateway.key_changes(p_since bigint) RETURNS TABLE (key_id text, usable boolean, revision bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    SELECT c.key_id, c.status = 'active' AND (c.expires_at IS NULL OR c.expires_at > clock_timestamp()), c.revision
      FROM (SELECT k.key_id, k.status, k.expires_at, k.revision FROM api_key k WHERE k.revision > p_since
            UNION ALL
            SELECT k.key_id, k.status, k.expires_at, t.revision
              FROM tenant t JOIN api_key k ON k.tenant_id = t.tenant_id WHERE t.revision > p_since) c
     ORDER BY c.revision
$$;

-- The one thing the serving role may change of a key: its hash, if it knows the old one. The look-up code, which binds the
-- whole key, stays.
CREATE FUNCTION gateway.rehash_key(p_key text, p_old text, p_new text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_tenant text;
BEGIN
    UPDATE api_key SET phc = p_new WHERE key_id = p_key AND phc = p_old AND status = 'active'
      RETURNING tenant_id INTO v_tenant;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO audit_change (what, tenant_id, key_id) VALUES ('rehash-key', v_tenant, p_key);
    RETURN true;
END $$;

-- Items: rid, tenant, key, endpoint, model, reason, age_ms. One row a request, also when written twice.
CREATE FUNCTION gateway.record_denials(p_items jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    INSERT INTO audit_denial (request_id, at, tenant_id, key_id, endpoint, model, reason)
      SELECT (i ->> 'rid')::uuid, clock_timestamp() - (i ->> 'age_ms')::bigint * interval '1 ms', i ->> 'tenant',
             i ->> 'key', i ->> 'endpoint', i ->> 'model', i ->> 'reason'
        FROM jsonb_array_elements(p_items) i ORDER BY 1
      ON CONFLICT DO NOTHING
$$;

-- Items: source, reason, count, age_ms; no two of the same source, reason and minute.
CREATE FUNCTION gateway.record_refusals(p_items jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    INSERT INTO audit_refusal AS a (minute, source, reason, refusals)
      SELECT date_trunc('minute', clock_timestamp() - (i ->> 'age_ms')::bigint * interval '1 ms'), i ->> 'source',
             i ->> 'reason', sum((i ->> 'count')::bigint)
        FROM jsonb_array_elements(p_items) i GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (minute, source, reason) DO UPDATE SET refusals = a.refusals + excluded.refusals
$$;

-- What the code that connects was written for.
CREATE FUNCTION gateway.schema_version() RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT 1';
