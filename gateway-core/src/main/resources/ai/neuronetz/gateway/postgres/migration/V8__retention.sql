-- Drops what was recorded of requests made before a month: admission, settlement, fate and denial go together, so that no
-- half of an audit row is left. Returns how many months went. Rows in a default partition stay.
--
-- This month and the last one are never dropped, nor a month in which a request is still open. While the partitions are
-- detached nothing can be admitted; therefore it gives up at once where somebody is reading (55P03: try again), rather than
-- have admissions queue behind it, and long before the server would look for a deadlock. The order of the locks is that in
-- which the other functions take them.
CREATE FUNCTION gateway.drop_audit_before(p_month date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, gateway, pg_temp
SET lock_timeout = '100ms' AS $$
DECLARE
    v_latest date := (date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') - interval '1 month')::date;
    v_parts text[];
    v_months text[];
    part text;
BEGIN
    IF p_month IS NULL OR p_month <> date_trunc('month', p_month) OR p_month > v_latest THEN
        RAISE EXCEPTION 'month: % (expected: the first day of a month, % at the latest)', p_month, v_latest
            USING ERRCODE = 'GW400';
    END IF;
    PERFORM pg_advisory_xact_lock(7233, 2);
    LOCK TABLE ONLY settlement, ONLY request_fate, ONLY admission, ONLY audit_denial IN ACCESS EXCLUSIVE MODE;
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
                           'audit_denial'::regclass)
       AND c.relname ~ ('^' || p.relname || '_[0-9]{4}_[0-9]{2}$')
       AND right(c.relname, 7) < to_char(p_month, 'YYYY"_"MM');
    IF v_parts IS NULL THEN
        RETURN 0;
    END IF;
    FOREACH part IN ARRAY v_parts LOOP
        EXECUTE format('ALTER TABLE gateway.%I DETACH PARTITION gateway.%I', left(part, -8), part);
        EXECUTE format('DROP TABLE gateway.%I', part);
    END LOOP;
    INSERT INTO audit_change (what, details)
      VALUES ('drop-audit', jsonb_build_object('before', p_month, 'months', v_months));
    RETURN cardinality(v_months);
END $$;

GRANT EXECUTE ON FUNCTION gateway.drop_audit_before(date) TO gateway_cli;
