-- What keys that opted in asked and were answered, after redaction. In a schema of its own, on which no role has USAGE: whoever
-- writes, reads or deletes goes through the functions below.

-- Null: nothing is kept, which is the default.
ALTER TABLE gateway.api_key ADD COLUMN prompt_retention interval
    CHECK (prompt_retention > interval '0' AND prompt_retention <= interval '366 days');
GRANT SELECT (prompt_retention) ON gateway.api_key TO gateway_cli, gateway_auditor;

-- Partitioned by the day on which a row has to be gone, so that rows of one age and different retention go with their day.
CREATE TABLE gateway_prompts.prompt (
    request_id uuid NOT NULL,
    gone_at    timestamptz NOT NULL,
    at         timestamptz NOT NULL,
    tenant_id  text NOT NULL,
    key_id     text NOT NULL,
    endpoint   text NOT NULL,
    model      text NOT NULL,
    outcome    text NOT NULL,
    prompt     text NOT NULL CHECK (length(prompt) <= 65536),
    prompt_cut boolean NOT NULL,
    answer     text NOT NULL CHECK (length(answer) <= 65536),
    answer_cut boolean NOT NULL,
    PRIMARY KEY (request_id, gone_at)
) PARTITION BY RANGE (gone_at);
CREATE INDEX prompt_by_end ON gateway_prompts.prompt (gone_at);
CREATE INDEX prompt_by_key ON gateway_prompts.prompt (key_id, at);
CREATE INDEX prompt_by_tenant ON gateway_prompts.prompt (tenant_id, at);

-- Switches on for this long, or off. Holds for what is asked afterwards; what is stored keeps the end it was given.
CREATE FUNCTION gateway.set_key_prompts(p_key text, p_retention interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_revision bigint := next_revision();
    v_tenant text := hold_key(p_key);
    v_old interval;
BEGIN
    IF p_retention <= interval '0' OR p_retention > interval '366 days' THEN
        RAISE EXCEPTION 'retention of prompts: % (expected: more than nothing, 366 days at most)', p_retention
            USING ERRCODE = 'GW400';
    END IF;
    SELECT prompt_retention INTO v_old FROM api_key WHERE key_id = p_key;
    UPDATE api_key SET prompt_retention = p_retention, revision = v_revision WHERE key_id = p_key;
    INSERT INTO audit_change (what, tenant_id, key_id, details) VALUES ('set-prompts', v_tenant, p_key,
        jsonb_build_object('retention', p_retention, 'before', v_old));
END $$;

DROP FUNCTION gateway.find_key(text);
CREATE FUNCTION gateway.find_key(p_key text) RETURNS TABLE (
    tenant_id text, lookup_code bytea, phc text, usable boolean, revision bigint,
    allow_all_models boolean, allowed_models text[], max_output_tokens integer,
    key_requests bigint, key_tokens bigint, key_concurrency bigint, key_day bigint, key_month bigint, key_total bigint,
    tenant_requests bigint, tenant_tokens bigint, tenant_concurrency bigint, tenant_day bigint, tenant_month bigint,
    tenant_total bigint, log_prompts boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    SELECT k.tenant_id, k.lookup_code, k.phc,
           k.status = 'active' AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()),
           greatest(k.revision, t.revision),
           coalesce(k.allow_all_models, t.allow_all_models), coalesce(k.allowed_models, t.allowed_models),
           least(k.max_output_tokens, t.max_output_tokens),
           k.requests_per_minute, k.tokens_per_minute, k.concurrency, k.day_budget, k.month_budget, k.total_budget,
           t.requests_per_minute, t.tokens_per_minute, t.concurrency, t.day_budget, t.month_budget, t.total_budget,
           k.prompt_retention IS NOT NULL
      FROM api_key k JOIN tenant t ON t.tenant_id = k.tenant_id WHERE k.key_id = p_key
$$;

-- Makes the partition of a day where it is missing.
CREATE FUNCTION gateway.ensure_prompt_day(p_day date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    part text := 'prompt_' || to_char(p_day, 'YYYYMMDD');
BEGIN
    IF to_regclass('gateway_prompts.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(7233, 3);
    -- Not to_regclass again: what it remembers may be older than the lock.
    IF NOT EXISTS (SELECT 1 FROM pg_class c
                    WHERE c.relnamespace = 'gateway_prompts'::regnamespace AND c.relname = part) THEN
        -- Attached, not created in place: that lets others write and read meanwhile.
        EXECUTE format('CREATE TABLE gateway_prompts.%I (LIKE gateway_prompts.prompt INCLUDING ALL)', part);
        EXECUTE format('ALTER TABLE gateway_prompts.prompt ATTACH PARTITION gateway_prompts.%I FOR VALUES FROM (%L) TO (%L)',
            part, p_day::timestamp AT TIME ZONE 'UTC', (p_day + 1)::timestamp AT TIME ZONE 'UTC');
    END IF;
END $$;

-- Answers false, and stores nothing, if the key has not opted in at this moment, or if all of it would be over its time.
CREATE FUNCTION gateway.record_prompt(p_request uuid, p_age_ms bigint, p_key text, p_endpoint text, p_model text,
    p_outcome text, p_prompt text, p_prompt_cut boolean, p_answer text, p_answer_cut boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_at timestamptz := clock_timestamp() - greatest(p_age_ms, 0) * interval '1 ms';
    v_tenant text;
    v_gone_at timestamptz;
BEGIN
    SELECT k.tenant_id, v_at + k.prompt_retention INTO v_tenant, v_gone_at
      FROM api_key k WHERE k.key_id = p_key AND k.prompt_retention IS NOT NULL;
    IF NOT FOUND OR v_gone_at <= clock_timestamp() THEN
        RETURN false;
    END IF;
    PERFORM ensure_prompt_day((v_gone_at AT TIME ZONE 'UTC')::date);
    INSERT INTO gateway_prompts.prompt (request_id, gone_at, at, tenant_id, key_id, endpoint, model, outcome,
                                        prompt, prompt_cut, answer, answer_cut)
      VALUES (p_request, v_gone_at, v_at, v_tenant, p_key, p_endpoint, p_model, p_outcome,
              p_prompt, p_prompt_cut, p_answer, p_answer_cut);
    RETURN true;
END $$;

-- Takes away what is over its time: whole days by their partitions, and of the rest up to 1,000 rows. Returns how many of these
-- there were, so that whoever called goes on while it is 1,000. Where somebody is reading, the days stay until the next call,
-- without their rows.
CREATE FUNCTION gateway.expire_prompts() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, gateway, pg_temp
SET lock_timeout = '100ms' AS $$
DECLARE
    v_today text := 'prompt_' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD');
    part text;
    v_rows integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7233, 3) THEN
        RETURN 0;
    END IF;
    BEGIN
        FOR part IN
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
             WHERE i.inhparent = 'gateway_prompts.prompt'::regclass AND c.relname COLLATE "C" < v_today
        LOOP
            EXECUTE format('DROP TABLE gateway_prompts.%I', part);
        END LOOP;
    EXCEPTION WHEN lock_not_available THEN
        RAISE NOTICE 'prompts are being read; their days stay until the next call';
    END;
    DELETE FROM gateway_prompts.prompt p
     WHERE (p.request_id, p.gone_at) IN (SELECT e.request_id, e.gone_at FROM gateway_prompts.prompt e
                                          WHERE e.gone_at <= clock_timestamp() LIMIT 1000);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END $$;

-- Tells nothing of what was said, and not much more than the audit log does.
CREATE FUNCTION gateway.list_prompts(p_tenant text, p_key text, p_since timestamptz, p_limit integer) RETURNS TABLE (
    request_id uuid, at timestamptz, gone_at timestamptz, tenant_id text, key_id text, endpoint text, model text,
    outcome text, prompt_length integer, answer_length integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
BEGIN
    INSERT INTO audit_change (what, tenant_id, key_id, details) VALUES ('list-prompts', p_tenant, p_key,
        jsonb_build_object('since', p_since, 'limit', p_limit));
    RETURN QUERY
      SELECT p.request_id, p.at, p.gone_at, p.tenant_id, p.key_id, p.endpoint, p.model, p.outcome,
             length(p.prompt), length(p.answer)
        FROM gateway_prompts.prompt p
       WHERE p.gone_at > clock_timestamp() AND (p_tenant IS NULL OR p.tenant_id = p_tenant)
         AND (p_key IS NULL OR p.key_id = p_key) AND (p_since IS NULL OR p.at >= p_since)
       ORDER BY p.at DESC, p.request_id LIMIT p_limit;
END $$;

-- A prompt is read in two transactions: the first writes down who is about to read what, the second reads on the strength of
-- that row. In one, the reader could take the row back after having read.
CREATE FUNCTION gateway.announce_prompt_read(p_request uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_prompt gateway_prompts.prompt;
    v_change bigint;
BEGIN
    SELECT * INTO v_prompt FROM gateway_prompts.prompt p
     WHERE p.request_id = p_request AND p.gone_at > clock_timestamp() LIMIT 1;
    INSERT INTO audit_change (what, tenant_id, key_id, details)
      VALUES ('read-prompt', v_prompt.tenant_id, v_prompt.key_id,
              jsonb_build_object('request_id', p_request, 'found', v_prompt.request_id IS NOT NULL,
                                 'transaction', pg_current_xact_id()::text))
      RETURNING change_id INTO v_change;
    RETURN v_change;
END $$;

-- No row if there is no such prompt any more.
CREATE FUNCTION gateway.read_prompt(p_change bigint) RETURNS TABLE (
    request_id uuid, at timestamptz, gone_at timestamptz, tenant_id text, key_id text, endpoint text, model text,
    outcome text, prompt text, prompt_cut boolean, answer text, answer_cut boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_request uuid;
BEGIN
    SELECT (c.details ->> 'request_id')::uuid INTO v_request FROM audit_change c
     WHERE c.change_id = p_change AND c.what = 'read-prompt' AND c.database_user = session_user
       AND c.at > clock_timestamp() - interval '1 minute'
       AND c.details ->> 'transaction' <> pg_current_xact_id()::text;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this read was not announced in a transaction that has committed, or over a minute ago'
            USING ERRCODE = 'GW403';
    END IF;
    RETURN QUERY
      SELECT p.request_id, p.at, p.gone_at, p.tenant_id, p.key_id, p.endpoint, p.model, p.outcome,
             p.prompt, p.prompt_cut, p.answer, p.answer_cut
        FROM gateway_prompts.prompt p WHERE p.request_id = v_request AND p.gone_at > clock_timestamp() LIMIT 1;
END $$;

-- Null: whatever it is. Returns how many went.
CREATE FUNCTION gateway.purge_prompts(p_tenant text, p_key text, p_before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_rows bigint;
BEGIN
    DELETE FROM gateway_prompts.prompt p
     WHERE (p_tenant IS NULL OR p.tenant_id = p_tenant) AND (p_key IS NULL OR p.key_id = p_key)
       AND (p_before IS NULL OR p.at < p_before);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    INSERT INTO audit_change (what, tenant_id, key_id, details) VALUES ('purge-prompts', p_tenant, p_key,
        jsonb_build_object('before', p_before, 'prompts', v_rows));
    RETURN v_rows;
END $$;

CREATE OR REPLACE FUNCTION gateway.schema_version() RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT 11';

GRANT EXECUTE ON FUNCTION gateway.find_key(text), gateway.expire_prompts(),
    gateway.record_prompt(uuid, bigint, text, text, text, text, text, boolean, text, boolean)
  TO gateway_app;
GRANT EXECUTE ON FUNCTION gateway.set_key_prompts(text, interval),
    gateway.list_prompts(text, text, timestamptz, integer), gateway.announce_prompt_read(uuid),
    gateway.read_prompt(bigint), gateway.purge_prompts(text, text, timestamptz)
  TO gateway_cli;
