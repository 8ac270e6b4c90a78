-- The audit log by evidence: what was recorded is sealed into a chain of hashes.
--
-- tx says in which transaction a row was written. A seal covers the rows of a range of transactions that have all ended, so that no
-- row can come to it later, however late its transaction committed or its request was settled. Existing rows get this migration's.
ALTER TABLE gateway.admission ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE gateway.settlement ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE gateway.audit_denial ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
-- The name of who typed the command, as their machine tells it: a hint, where database_user is a fact.
ALTER TABLE gateway.audit_change
    ADD COLUMN operator text DEFAULT nullif(left(current_setting('gateway.operator', true), 200), ''),
    ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX admission_by_tx ON gateway.admission (tx);
CREATE INDEX settlement_by_tx ON gateway.settlement (tx);
CREATE INDEX audit_denial_by_tx ON gateway.audit_denial (tx);
CREATE INDEX audit_change_by_tx ON gateway.audit_change (tx);

-- A count still grows while its minute lasts, so it is counted in a work table and recorded when the minute is over. What comes after
-- that is a row of its own.
ALTER TABLE gateway.audit_refusal RENAME TO refusal_count;
ALTER INDEX gateway.audit_refusal_pkey RENAME TO refusal_count_pkey;
DROP TRIGGER append_only ON gateway.refusal_count;
CREATE SEQUENCE gateway.refusal_number;
CREATE TABLE gateway.audit_refusal (
    minute   timestamptz NOT NULL,
    number   bigint NOT NULL DEFAULT nextval('gateway.refusal_number'),
    source   text NOT NULL,
    reason   text NOT NULL,
    refusals bigint NOT NULL CHECK (refusals > 0),
    tx       xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (minute, number)
) PARTITION BY RANGE (minute);
CREATE INDEX audit_refusal_by_tx ON gateway.audit_refusal (tx);
CREATE VIEW gateway.refusal_log AS
    SELECT minute, source, reason, refusals FROM gateway.audit_refusal
    UNION ALL SELECT minute, source, reason, refusals FROM gateway.refusal_count;

CREATE OR REPLACE FUNCTION gateway.record_refusals(p_items jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    INSERT INTO refusal_count AS a (minute, source, reason, refusals)
      SELECT date_trunc('minute', clock_timestamp() - (i ->> 'age_ms')::bigint * interval '1 ms'), i ->> 'source',
             i ->> 'reason', sum((i ->> 'count')::bigint)
        FROM jsonb_array_elements(p_items) i GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (minute, source, reason) DO UPDATE SET refusals = a.refusals + excluded.refusals
$$;

-- parts: for each kind of row and month, in JSON: how many rows; the hash of their hashes, in the order of their keys; and the first
-- four bytes of each, by which a row that was changed is found. Kept as text, since it is hashed as it stands.
-- reached: what a later seal covers was written after this, give or take the length of a transaction.
CREATE TABLE gateway.audit_seal (
    number    bigint PRIMARY KEY CHECK (number > 0),
    format    integer NOT NULL,
    previous  bytea NOT NULL CHECK (octet_length(previous) = 32),
    from_tx   xid8 NOT NULL,
    to_tx     xid8 NOT NULL CHECK (to_tx > from_tx),
    reached   timestamptz NOT NULL,
    sealed_at timestamptz NOT NULL,
    rows      bigint NOT NULL CHECK (rows > 0),
    parts     json NOT NULL,
    hash      bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_seal_by_reached ON gateway.audit_seal (reached);

-- Made outside of the database, under a key that is not in it. One vouches for its seal and all before it.
CREATE TABLE gateway.audit_signature (
    number    bigint PRIMARY KEY REFERENCES gateway.audit_seal,
    key_id    text NOT NULL CHECK (key_id ~ '^[0-9a-f]{16}$'),
    mac       bytea NOT NULL CHECK (octet_length(mac) = 32),
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['audit_refusal', 'audit_seal', 'audit_signature'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON gateway.%I
            FOR EACH ROW EXECUTE FUNCTION gateway.append_only()', name);
        EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON gateway.%I
            EXECUTE FUNCTION gateway.append_only()', name);
    END LOOP;
END $$;

-- The month of the partition that a request belongs to. Parsed when it is made, so that it can be inlined.
CREATE FUNCTION gateway.month_of(p_request uuid) RETURNS text
LANGUAGE sql STABLE
RETURN to_char(to_timestamp(('x' || translate(left(p_request::text, 13), '-', ''))::bit(48)::bigint / 1000.0)
                 AT TIME ZONE 'UTC', 'YYYY-MM');

-- When what no seal covers yet began; null if all is covered. A count is recorded up to 130 s after its minute began.
CREATE FUNCTION gateway.unsealed_since(p_from xid8) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, gateway, pg_temp SET enable_seqscan = off AS $$
    SELECT min(f.at) FROM (
        (SELECT admitted_at AS at FROM admission WHERE tx >= p_from ORDER BY tx LIMIT 1)
        UNION ALL (SELECT settled_at FROM settlement WHERE tx >= p_from ORDER BY tx LIMIT 1)
        UNION ALL (SELECT at FROM audit_denial WHERE tx >= p_from ORDER BY tx LIMIT 1)
        UNION ALL (SELECT minute + interval '130 s' FROM audit_refusal WHERE tx >= p_from ORDER BY tx LIMIT 1)
        UNION ALL (SELECT at FROM audit_change WHERE tx >= p_from ORDER BY tx LIMIT 1)) f
$$;

-- Makes the next seal, unless somebody else is at it or the last one is younger than p_every_ms. It covers about p_rows rows at
-- most. Nothing is sealed (number is null) if there is nothing to seal. behind_ms: the age of the oldest row that no seal covers.
--
-- The text of each row, of format 1, is also in the code that verifies, which trusts no function of this database. Every column is
-- in it. A later format gets another number, and leaves this one to verify what was sealed under it.
CREATE FUNCTION gateway.seal(p_every_ms integer, p_rows integer)
RETURNS TABLE (number bigint, hash bytea, covered bigint, complete boolean, behind_ms bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, gateway, pg_temp
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    v_locked boolean := pg_try_advisory_xact_lock(7233, 4);
    v_last record;
    v_number bigint;
    v_previous bytea;
    v_from xid8;
    v_to xid8;
    v_horizon xid8;
    v_cut xid8;
    v_now timestamptz;
    v_reached timestamptz;
    v_parts json;
BEGIN
    SELECT s.number, s.hash, s.to_tx, s.reached, s.sealed_at INTO v_last FROM audit_seal s ORDER BY s.number DESC LIMIT 1;
    v_from := coalesce(v_last.to_tx, '0');
    v_to := v_from;
    v_number := coalesce(v_last.number, 0) + 1;
    v_previous := coalesce(v_last.hash, decode(repeat('00', 32), 'hex'));
    complete := true;
    -- A last seal from the future is one made before the clock was set back.
    IF v_locked AND coalesce(v_last.sealed_at NOT BETWEEN clock_timestamp() - p_every_ms * interval '1 ms'
                             AND clock_timestamp(), true) THEN
        v_now := clock_timestamp();
        WITH closed AS (
            DELETE FROM refusal_count c WHERE c.minute < v_now - interval '70 s' RETURNING c.minute, c.source, c.reason, c.refusals)
        INSERT INTO audit_refusal (minute, source, reason, refusals)
          SELECT c.minute, c.source, c.reason, c.refusals FROM closed c ORDER BY 1, 2, 3;
        -- All transactions before this one have ended, and the statements below see what they wrote.
        v_horizon := pg_snapshot_xmin(pg_current_snapshot());
        IF v_horizon < v_from THEN
            RAISE EXCEPTION 'transactions are at % but seals reach to %: this is a logical copy; raise its epoch with pg_resetwal',
                v_horizon, v_from USING ERRCODE = 'GW500';
        END IF;
        SELECT min(c.tx::text::numeric)::text::xid8 INTO v_cut FROM (
            (SELECT tx FROM admission WHERE tx >= v_from AND tx < v_horizon ORDER BY tx OFFSET p_rows LIMIT 1)
            UNION ALL (SELECT tx FROM settlement WHERE tx >= v_from AND tx < v_horizon ORDER BY tx OFFSET p_rows LIMIT 1)
            UNION ALL (SELECT tx FROM audit_denial WHERE tx >= v_from AND tx < v_horizon ORDER BY tx OFFSET p_rows LIMIT 1)
            UNION ALL (SELECT tx FROM audit_refusal WHERE tx >= v_from AND tx < v_horizon ORDER BY tx OFFSET p_rows LIMIT 1)
            UNION ALL (SELECT tx FROM audit_change WHERE tx >= v_from AND tx < v_horizon ORDER BY tx OFFSET p_rows LIMIT 1)) c;
        -- A transaction is never divided.
        v_to := coalesce((v_cut::text::numeric + 1)::text::xid8, v_horizon);
        complete := v_to >= v_horizon;
        v_reached := CASE WHEN complete THEN v_now ELSE coalesce(v_last.reached, 'epoch') END;

        WITH one AS (
            SELECT 'admission' AS source, month_of(request_id) AS month, request_id::text AS key,
                   sha256(convert_to(json_build_array('admission', request_id, tenant_id, key_id, instance_id, epoch, revision,
                       endpoint, model, input_bound, output_cap, extract(epoch FROM admitted_at)::text,
                       extract(epoch FROM deadline)::text, tx::text)::text, 'UTF8')) AS hash
              FROM admission WHERE tx >= v_from AND tx < v_to
            UNION ALL
            SELECT 'settlement', month_of(request_id), request_id::text,
                   sha256(convert_to(json_build_array('settlement', request_id, tenant_id, key_id, outcome, basis, input_tokens,
                       output_tokens, charged, upstream_status, first_byte_millis, duration_millis,
                       extract(epoch FROM settled_at)::text, tx::text)::text, 'UTF8'))
              FROM settlement WHERE tx >= v_from AND tx < v_to
            UNION ALL
            SELECT 'denial', month_of(request_id), request_id::text,
                   sha256(convert_to(json_build_array('denial', request_id, extract(epoch FROM at)::text, tenant_id, key_id,
                       endpoint, model, reason, tx::text)::text, 'UTF8'))
              FROM audit_denial WHERE tx >= v_from AND tx < v_to
            UNION ALL
            SELECT 'refusal', to_char(minute AT TIME ZONE 'UTC', 'YYYY-MM'), lpad(number::text, 20, '0'),
                   sha256(convert_to(json_build_array('refusal', extract(epoch FROM minute)::text, number, source, reason,
                       refusals, tx::text)::text, 'UTF8'))
              FROM audit_refusal WHERE tx >= v_from AND tx < v_to
            UNION ALL
            SELECT 'change', '-', lpad(change_id::text, 20, '0'),
                   sha256(convert_to(json_build_array('change', change_id, extract(epoch FROM at)::text, database_user, what,
                       tenant_id, key_id, details::text, operator, tx::text)::text, 'UTF8'))
              FROM audit_change WHERE tx >= v_from AND tx < v_to),
        part AS (
            SELECT source, month, count(*) AS rows, sha256(string_agg(hash, ''::bytea ORDER BY key COLLATE "C")) AS digest,
                   string_agg(substr(hash, 1, 4), ''::bytea ORDER BY key COLLATE "C") AS marks
              FROM one GROUP BY source, month)
        SELECT json_agg(json_build_object('source', source, 'month', month, 'rows', rows, 'digest', encode(digest, 'hex'),
                                          'marks', encode(marks, 'hex')) ORDER BY source COLLATE "C", month COLLATE "C"),
               sum(rows)
          INTO v_parts, covered FROM part;

        IF covered > 0 THEN
            number := v_number;
            hash := sha256(convert_to(concat_ws(E'\n', 'audit seal 1', v_number, encode(v_previous, 'hex'), v_from, v_to,
                        extract(epoch FROM v_reached), extract(epoch FROM v_now), covered, v_parts), 'UTF8'));
            INSERT INTO audit_seal VALUES (v_number, 1, v_previous, v_from, v_to, v_reached, v_now, covered, v_parts, hash);
        END IF;
    END IF;
    behind_ms := coalesce(greatest(0, extract(epoch FROM clock_timestamp() - unsealed_since(v_to)) * 1000)::bigint, 0);
    RETURN NEXT;
END $$;

CREATE FUNCTION gateway.sign_seal(p_number bigint, p_key text, p_mac bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    INSERT INTO audit_signature (number, key_id, mac) VALUES (p_number, p_key, p_mac)
$$;

-- As before, and for refusals too, whose partitions go by their minute.
CREATE OR REPLACE FUNCTION gateway.ensure_partitions(p_months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, gateway, pg_temp
SET lock_timeout = '2s' AS $$
DECLARE
    parent text;
    part text;
    starts timestamp;
    bounds text[];
    made integer := 0;
BEGIN
    IF p_months NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'months ahead: % (expected: 0 to 24)', p_months USING ERRCODE = 'GW400';
    END IF;
    PERFORM pg_advisory_xact_lock(7233, 2);
    FOREACH parent IN ARRAY ARRAY['request_fate', 'admission', 'settlement', 'audit_denial', 'audit_refusal'] LOOP
        part := parent || '_default';
        IF to_regclass('gateway.' || part) IS NULL THEN
            EXECUTE format('CREATE TABLE gateway.%I PARTITION OF gateway.%I DEFAULT', part, parent);
            EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON gateway.%I
                EXECUTE FUNCTION gateway.append_only()', part);
        END IF;
        FOR month IN 0..p_months LOOP
            starts := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') + month * interval '1 month';
            part := parent || to_char(starts, '"_"YYYY"_"MM');
            CONTINUE WHEN to_regclass('gateway.' || part) IS NOT NULL;
            bounds := ARRAY[starts || '+00', (starts + interval '1 month') || '+00'];
            IF parent <> 'audit_refusal' THEN
                bounds := ARRAY[uuid_floor(bounds[1]::timestamptz), uuid_floor(bounds[2]::timestamptz)];
            END IF;
            BEGIN
                -- Attached, not created in place: that lets admissions go on meanwhile.
                EXECUTE format('CREATE TABLE gateway.%I (LIKE gateway.%I INCLUDING ALL)', part, parent);
                EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON gateway.%I
                    EXECUTE FUNCTION gateway.append_only()', part);
                EXECUTE format('ALTER TABLE gateway.%I ATTACH PARTITION gateway.%I FOR VALUES FROM (%L) TO (%L)',
                    parent, part, bounds[1], bounds[2]);
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                RAISE NOTICE '% stays in the default partition', part;
            END;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
DO $$ BEGIN PERFORM gateway.ensure_partitions(3); END $$;

-- As before, for refusals too, and only for what is sealed: of what is dropped the seals remain, and this change is sealed itself, so
-- that verifying tells retention from tampering.
CREATE OR REPLACE FUNCTION gateway.drop_audit_before(p_month date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, gateway, pg_temp
SET lock_timeout = '100ms' AS $$
DECLARE
    v_latest date := (date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') - interval '1 month')::date;
    v_sealed xid8;
    v_unsealed boolean;
    v_parts text[];
    v_months text[];
    part text;
BEGIN
    IF p_month IS NULL OR p_month <> date_trunc('month', p_month) OR p_month > v_latest THEN
        RAISE EXCEPTION 'month: % (expected: the first day of a month, % at the latest)', p_month, v_latest
            USING ERRCODE = 'GW400';
    END IF;
    PERFORM pg_advisory_xact_lock(7233, 2);
    LOCK TABLE ONLY settlement, ONLY request_fate, ONLY admission, ONLY audit_denial, ONLY audit_refusal IN ACCESS EXCLUSIVE MODE;
    -- Only now, when none can be added.
    IF EXISTS (SELECT 1 FROM open_reservation o
                WHERE o.request_id < uuid_floor(p_month::timestamp AT TIME ZONE 'UTC')) THEN
        RAISE EXCEPTION 'a request made before % is still open; try again when it has been settled', p_month
            USING ERRCODE = 'GW409';
    END IF;
    SELECT array_agg(c.relname::text ORDER BY c.relname),
           array_agg(DISTINCT right(c.relname, 7) ORDER BY right(c.relname, 7))
      INTO v_parts, v_months
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
     WHERE i.inhparent IN ('settlement'::regclass, 'request_fate'::regclass, 'admission'::regclass,
                           'audit_denial'::regclass, 'audit_refusal'::regclass)
       AND c.relname ~ ('^' || p.relname || '_[0-9]{4}_[0-9]{2}$')
       AND right(c.relname, 7) < to_char(p_month, 'YYYY"_"MM');
    IF v_parts IS NULL THEN
        RETURN 0;
    END IF;
    SELECT s.to_tx INTO v_sealed FROM audit_seal s ORDER BY s.number DESC LIMIT 1;
    FOREACH part IN ARRAY v_parts LOOP
        IF part NOT LIKE 'request\_fate\_%' THEN
            EXECUTE format('SELECT EXISTS (SELECT 1 FROM gateway.%I WHERE tx >= $1)', part)
                INTO v_unsealed USING coalesce(v_sealed, '0');
            IF v_unsealed THEN
                RAISE EXCEPTION 'what was recorded before % is not sealed yet; try again when a gateway has run for a minute',
                    p_month USING ERRCODE = 'GW409';
            END IF;
        END IF;
        EXECUTE format('ALTER TABLE gateway.%I DETACH PARTITION gateway.%I', left(part, -8), part);
        EXECUTE format('DROP TABLE gateway.%I', part);
    END LOOP;
    INSERT INTO audit_change (what, details)
      VALUES ('drop-audit', jsonb_build_object('before', p_month, 'months', v_months));
    RETURN cardinality(v_months);
END $$;

CREATE OR REPLACE FUNCTION gateway.schema_version() RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT 10';

GRANT EXECUTE ON FUNCTION gateway.seal(integer, integer), gateway.sign_seal(bigint, text, bytea) TO gateway_app;
GRANT SELECT ON gateway.audit_refusal, gateway.refusal_count, gateway.refusal_log, gateway.audit_seal, gateway.audit_signature
  TO gateway_cli, gateway_auditor;
