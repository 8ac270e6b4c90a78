-- What is written stays: nobody is granted UPDATE, DELETE or TRUNCATE, and these triggers hold for the owner too. Old months
-- go by dropping their partitions.
CREATE FUNCTION gateway.append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'GW403';
END $$;

-- The one table of counts: a count may grow.
CREATE FUNCTION gateway.counts_only_grow() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (NEW.minute, NEW.source, NEW.reason) IS DISTINCT FROM (OLD.minute, OLD.source, OLD.reason)
            OR NEW.refusals < OLD.refusals THEN
        RAISE EXCEPTION '%.% only counts up', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'GW403';
    END IF;
    RETURN NEW;
END $$;

-- Row triggers of a partitioned table also hold in its partitions; triggers on TRUNCATE must be made for each.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['request_fate', 'admission', 'settlement', 'audit_denial', 'audit_change'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON gateway.%I
            FOR EACH ROW EXECUTE FUNCTION gateway.append_only()', name);
        EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON gateway.%I
            EXECUTE FUNCTION gateway.append_only()', name);
    END LOOP;
END $$;
CREATE TRIGGER append_only BEFORE DELETE ON gateway.audit_refusal
    FOR EACH ROW EXECUTE FUNCTION gateway.append_only();
CREATE TRIGGER counts_only_grow BEFORE UPDATE ON gateway.audit_refusal
    FOR EACH ROW EXECUTE FUNCTION gateway.counts_only_grow();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON gateway.audit_refusal
    EXECUTE FUNCTION gateway.append_only();

-- The smallest UUID of version 7 made at or after an instant.
CREATE FUNCTION gateway.uuid_floor(p_at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT (lpad(to_hex((extract(epoch FROM p_at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes this month's partitions and those of the next p_months months, where they are missing. Returns how many it made.
-- A month whose rows already lie in the default partition stays there: nothing is moved, nothing is lost.
CREATE FUNCTION gateway.ensure_partitions(p_months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, gateway, pg_temp
SET lock_timeout = '2s' AS $$
DECLARE
    parent text;
    part text;
    starts timestamp;
    made integer := 0;
BEGIN
    IF p_months NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'months ahead: % (expected: 0 to 24)', p_months USING ERRCODE = 'GW400';
    END IF;
    PERFORM pg_advisory_xact_lock(7233, 2);
    FOREACH parent IN ARRAY ARRAY['request_fate', 'admission', 'settlement', 'audit_denial'] LOOP
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
            BEGIN
                -- Attached, not created in place: that lets admissions go on meanwhile.
                EXECUTE format('CREATE TABLE gateway.%I (LIKE gateway.%I INCLUDING ALL)', part, parent);
                EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON gateway.%I
                    EXECUTE FUNCTION gateway.append_only()', part);
                EXECUTE format('ALTER TABLE gateway.%I ATTACH PARTITION gateway.%I FOR VALUES FROM (%L) TO (%L)',
                    parent, part, gateway.uuid_floor(starts AT TIME ZONE 'UTC'),
                    gateway.uuid_floor((starts + interval '1 month') AT TIME ZONE 'UTC'));
                made := made + 1;
            EXCEPTION WHEN check_violation THEN
                RAISE NOTICE '% stays in the default partition', part;
            END;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

DO $$ BEGIN PERFORM gateway.ensure_partitions(3); END $$;
