-- Settles a batch, each request once. Items: rid, outcome, basis, input, output, charged, status, first_byte_ms,
-- duration_ms. Verdicts: SETTLED; LATE (it was settled before, and nothing changed); UNKNOWN (it was never admitted); BUSY.
-- An item whose charged count is null is charged all it reserved.
CREATE FUNCTION gateway.settle(p_items jsonb, p_wait boolean) RETURNS TABLE (rid uuid, verdict text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, gateway, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    item record;
    held open_reservation;
    v_charged bigint;
    v_open uuid[];
    v_budgets budget_key[];
BEGIN
    IF p_wait THEN
        PERFORM 1 FROM open_reservation o
          WHERE o.request_id IN (SELECT (i ->> 'rid')::uuid FROM jsonb_array_elements(p_items) i)
          ORDER BY o.request_id FOR UPDATE;
    END IF;
    v_open := ARRAY(SELECT o.request_id FROM open_reservation o
      WHERE o.request_id IN (SELECT (i ->> 'rid')::uuid FROM jsonb_array_elements(p_items) i)
      ORDER BY o.request_id FOR UPDATE SKIP LOCKED);
    v_budgets := lock_budgets(ARRAY(
        SELECT DISTINCT b
          FROM open_reservation o
          CROSS JOIN LATERAL unnest(budgets_of(o.tenant_id, o.key_id, o.day_start, o.month_start)) b
         WHERE o.request_id = ANY (v_open)), p_wait);

    FOR item IN
        SELECT (i ->> 'rid')::uuid AS rid, i ->> 'outcome' AS outcome, i ->> 'basis' AS basis,
               (i ->> 'input')::bigint AS input, (i ->> 'output')::bigint AS output, (i ->> 'charged')::bigint AS charged,
               (i ->> 'status')::integer AS status, (i ->> 'first_byte_ms')::bigint AS first_byte_ms,
               (i ->> 'duration_ms')::bigint AS duration_ms
          FROM jsonb_array_elements(p_items) i ORDER BY 1
    LOOP
        rid := item.rid;
        SELECT * INTO held FROM open_reservation o WHERE o.request_id = item.rid;
        IF FOUND AND (item.rid <> ALL (v_open)
                OR NOT budgets_of(held.tenant_id, held.key_id, held.day_start, held.month_start) <@ v_budgets) THEN
            verdict := 'BUSY';
            RETURN NEXT;
            CONTINUE;
        END IF;
        DELETE FROM open_reservation o WHERE o.request_id = item.rid RETURNING * INTO held;
        IF NOT FOUND THEN
            verdict := CASE WHEN EXISTS (SELECT 1 FROM settlement s WHERE s.request_id = item.rid)
                            THEN 'LATE' ELSE 'UNKNOWN' END;
            RETURN NEXT;
            CONTINUE;
        END IF;
        v_charged := coalesce(item.charged, held.tokens);
        INSERT INTO settlement (request_id, tenant_id, key_id, outcome, basis, input_tokens, output_tokens, charged,
                                upstream_status, first_byte_millis, duration_millis, settled_at)
          VALUES (item.rid, held.tenant_id, held.key_id, item.outcome, item.basis, item.input, item.output, v_charged,
                  item.status, item.first_byte_ms, item.duration_ms, clock_timestamp());
        UPDATE budget_account b
           SET reserved = b.reserved - held.tokens,
               spent = b.spent + least(v_charged, held.tokens),
               overrun = b.overrun + greatest(v_charged - held.tokens, 0)
          FROM unnest(budgets_of(held.tenant_id, held.key_id, held.day_start, held.month_start)) l
         WHERE b.account = l.account AND b.period = l.period AND b.period_start = l.period_start;
        verdict := 'SETTLED';
        RETURN NEXT;
    END LOOP;
END $$;

-- Makes sure that requests whose admission is in doubt are not counted. Verdicts: VOIDED (never admitted, and never will
-- be); SETTLED (it was admitted, and has been settled); RETRY (its admission committed just now, or is busy: ask again).
CREATE FUNCTION gateway.void_admissions(p_rids uuid[]) RETURNS TABLE (rid uuid, verdict text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_admitted jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('rid', o.request_id, 'outcome', 'NOT_FORWARDED', 'basis', 'NOT_FORWARDED',
                                        'charged', 0))
      INTO v_admitted FROM open_reservation o WHERE o.request_id = ANY (p_rids);
    IF v_admitted IS NOT NULL THEN
        PERFORM 1 FROM settle(v_admitted, false);
    END IF;
    -- Waits for an admission of the same id that has not committed yet. What then turns out to be admitted is left to the
    -- next call: to settle it now would be to lock in the wrong order.
    INSERT INTO request_fate (request_id, fate)
      SELECT DISTINCT r, 'void' FROM unnest(p_rids) r ORDER BY r
      ON CONFLICT DO NOTHING;
    RETURN QUERY
      SELECT f.request_id,
             CASE WHEN f.fate = 'void' THEN 'VOIDED'
                  WHEN EXISTS (SELECT 1 FROM settlement s WHERE s.request_id = f.request_id) THEN 'SETTLED'
                  ELSE 'RETRY' END
        FROM request_fate f WHERE f.request_id = ANY (p_rids);
END $$;

-- What became of requests for which the gate holds a place. Verdicts: VOID (never admitted, and never will be, so that its place
-- may be given back); OPEN; SETTLED, with what was charged.
CREATE FUNCTION gateway.resolve(p_rids uuid[]) RETURNS TABLE (rid uuid, verdict text, charged bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO request_fate (request_id, fate)
      SELECT DISTINCT r, 'void' FROM unnest(p_rids) r ORDER BY r
      ON CONFLICT DO NOTHING;
    RETURN QUERY
      SELECT f.request_id,
             CASE WHEN f.fate = 'void' THEN 'VOID' WHEN s.request_id IS NULL THEN 'OPEN' ELSE 'SETTLED' END,
             s.charged
        FROM request_fate f LEFT JOIN settlement s ON s.request_id = f.request_id
       WHERE f.request_id = ANY (p_rids);
END $$;

-- Says that an instance lives, and answers whether the others still think so. The first one registers it.
CREATE FUNCTION gateway.heartbeat(p_instance text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
BEGIN
    INSERT INTO gateway_instance AS g (instance_id) VALUES (p_instance)
      ON CONFLICT (instance_id) DO UPDATE
        SET heartbeat_at = clock_timestamp(),
            unbroken_since = CASE WHEN g.heartbeat_at < clock_timestamp() - interval '10 s'
                                  THEN clock_timestamp() ELSE g.unbroken_since END
        WHERE g.state = 'live';
    RETURN FOUND;
END $$;

-- Nothing more comes from this instance. What it left open is charged in full by whoever reaps next.
CREATE FUNCTION gateway.stop_instance(p_instance text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    UPDATE gateway_instance SET state = 'stopped' WHERE instance_id = p_instance AND state = 'live'
$$;

-- Fences instances that were not heard for p_dead_ms, and settles, in full, what dead instances and passed deadlines left
-- open; at most 500 a call. Returns how many were settled, or -1 if another instance is at it.
CREATE FUNCTION gateway.reap(p_instance text, p_dead_ms integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_orphans jsonb;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7233, 3) THEN
        RETURN -1;
    END IF;
    IF EXISTS (SELECT 1 FROM gateway_instance g
                WHERE g.instance_id = p_instance AND g.state = 'live'
                  AND g.unbroken_since <= clock_timestamp() - p_dead_ms * interval '1 ms') THEN
        UPDATE gateway_instance SET state = 'fenced'
         WHERE state = 'live' AND instance_id <> p_instance
           AND heartbeat_at < clock_timestamp() - p_dead_ms * interval '1 ms';
    END IF;
    SELECT jsonb_agg(jsonb_build_object('rid', d.request_id, 'outcome', 'ORPHANED', 'basis', 'UPPER_BOUND'))
      INTO v_orphans
      FROM (SELECT o.request_id FROM open_reservation o LEFT JOIN gateway_instance g USING (instance_id)
             WHERE g.state IS DISTINCT FROM 'live' OR o.deadline < clock_timestamp()
             ORDER BY o.request_id LIMIT 500) d;
    DELETE FROM gateway_instance g
     WHERE g.state <> 'live' AND g.heartbeat_at < clock_timestamp() - interval '1 day'
       AND NOT EXISTS (SELECT 1 FROM open_reservation o WHERE o.instance_id = g.instance_id);
    IF v_orphans IS NULL THEN
        RETURN 0;
    END IF;
    RETURN (SELECT count(*) FROM settle(v_orphans, false) s WHERE s.verdict = 'SETTLED');
END $$;

-- Every few hours: partitions ahead, and accounts of periods long gone and settled; so many at a time that it is done before
-- the caller's time-out, which would undo the partitions too.
CREATE FUNCTION gateway.maintain() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
BEGIN
    PERFORM ensure_partitions(3);
    DELETE FROM budget_account a USING (
        SELECT b.account, b.period, b.period_start FROM budget_account b
         WHERE b.reserved = 0 AND b.period_start + CASE b.period WHEN 'day' THEN 60 WHEN 'month' THEN 400 END < v_today
         LIMIT 50000 FOR UPDATE SKIP LOCKED) old
     WHERE (a.account, a.period, a.period_start) = (old.account, old.period, old.period_start);
END $$;
