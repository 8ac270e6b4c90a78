-- Order of locks, the same everywhere, so that nobody waits in a circle:
--   advisory lock of changes, tenant_gate by tenant, open_reservation by request, budget_account by key, request_fate by request.
--
-- p_wait, in what follows: whether to wait for locks that others hold. A batch of many tenants does not, so that one tenant whose
-- rows are locked delays no other; its items get the verdict BUSY and are sent again, in a batch of that tenant alone, which
-- waits.

CREATE TYPE gateway.budget_key AS (account text, period text, period_start date);

-- The six budgets a request counts in, limited or not. Without a search path of its own, since such a function is never inlined
-- but parsed and planned at each call; its names were resolved when it was made.
CREATE FUNCTION gateway.budgets_of(p_tenant text, p_key text, p_day date, p_month date) RETURNS gateway.budget_key[]
LANGUAGE sql IMMUTABLE
RETURN ARRAY[('t:' || p_tenant, 'day', p_day), ('t:' || p_tenant, 'month', p_month),
             ('t:' || p_tenant, 'total', DATE '1970-01-01'),
             ('k:' || p_key, 'day', p_day), ('k:' || p_key, 'month', p_month),
             ('k:' || p_key, 'total', DATE '1970-01-01')]::gateway.budget_key[];

-- Returns what it locked.
CREATE FUNCTION gateway.lock_budgets(p_keys gateway.budget_key[], p_wait boolean) RETURNS gateway.budget_key[]
LANGUAGE plpgsql SET search_path = pg_catalog, gateway, pg_temp AS $$
BEGIN
    IF p_wait THEN
        PERFORM 1 FROM budget_account b
          WHERE (b.account, b.period, b.period_start) IN (SELECT k.account, k.period, k.period_start FROM unnest(p_keys) k)
          ORDER BY b.account, b.period, b.period_start FOR NO KEY UPDATE;
    END IF;
    -- What this transaction holds already is not skipped.
    RETURN ARRAY(SELECT (b.account, b.period, b.period_start)::budget_key FROM budget_account b
      WHERE (b.account, b.period, b.period_start) IN (SELECT k.account, k.period, k.period_start FROM unnest(p_keys) k)
      ORDER BY b.account, b.period, b.period_start FOR NO KEY UPDATE SKIP LOCKED);
END $$;

-- Admits a batch in one commit. Items: rid, tenant, key, instance, epoch, revision, endpoint, model, input, output (tokens),
-- ttl_ms (after which the reaper settles). Verdicts are BUSY and those of Ledger.Entry; the budget is the one that binds.
CREATE FUNCTION gateway.admit(p_items jsonb, p_wait boolean)
RETURNS TABLE (rid uuid, verdict text, budget_limit bigint, budget_remaining bigint, budget_reset timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, gateway, pg_temp
-- Plans are kept as long as the connection; one made while the tables were empty must not scan them when they are full.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    item record;
    terms record;
    budget record;
    v_now timestamptz;
    v_day date;
    v_month date;
    v_day_end timestamptz;
    v_month_end timestamptz;
    v_holder text;
    v_tenants text[];
    v_wanted budget_key[];
    v_budgets budget_key[];
BEGIN
    IF p_wait THEN
        PERFORM 1 FROM tenant_gate g
          WHERE g.tenant_id IN (SELECT i ->> 'tenant' FROM jsonb_array_elements(p_items) i)
          ORDER BY g.tenant_id FOR NO KEY UPDATE;
    END IF;
    v_tenants := ARRAY(SELECT g.tenant_id FROM tenant_gate g
      WHERE g.tenant_id IN (SELECT i ->> 'tenant' FROM jsonb_array_elements(p_items) i)
      ORDER BY g.tenant_id FOR NO KEY UPDATE SKIP LOCKED);

    -- Only now, with the gates held, does the clock count.
    v_now := clock_timestamp();
    v_day := (v_now AT TIME ZONE 'UTC')::date;
    v_month := date_trunc('month', v_now AT TIME ZONE 'UTC')::date;
    v_day_end := (v_day + 1)::timestamp AT TIME ZONE 'UTC';
    v_month_end := (v_month + interval '1 month') AT TIME ZONE 'UTC';

    v_wanted := ARRAY(
        SELECT DISTINCT b
          FROM jsonb_array_elements(p_items) i
          CROSS JOIN LATERAL unnest(budgets_of(i ->> 'tenant', i ->> 'key', v_day, v_month)) b
         WHERE i ->> 'tenant' = ANY (v_tenants));
    v_budgets := lock_budgets(v_wanted, p_wait);
    -- Missing, or held by others. Only the first request of a period finds one missing, and nobody else can add one of a tenant
    -- whose gate is held here.
    IF cardinality(v_budgets) < cardinality(v_wanted) THEN
        INSERT INTO budget_account (account, period, period_start)
          SELECT DISTINCT b.account, b.period, b.period_start
            FROM jsonb_array_elements(p_items) i
            JOIN api_key k ON k.key_id = i ->> 'key' AND k.tenant_id = i ->> 'tenant'
            CROSS JOIN LATERAL unnest(budgets_of(k.tenant_id, k.key_id, v_day, v_month)) b
            WHERE k.tenant_id = ANY (v_tenants) AND NOT EXISTS (SELECT 1 FROM budget_account o
              WHERE o.account = b.account AND o.period = b.period AND o.period_start = b.period_start)
            ORDER BY 1, 2, 3
          ON CONFLICT DO NOTHING;
        IF FOUND THEN
            v_budgets := lock_budgets(v_wanted, p_wait);
        END IF;
    END IF;

    FOR item IN
        SELECT (i ->> 'rid')::uuid AS rid, i ->> 'tenant' AS tenant, i ->> 'key' AS key, i ->> 'instance' AS instance,
               (i ->> 'epoch')::bigint AS epoch, (i ->> 'revision')::bigint AS revision, i ->> 'endpoint' AS endpoint,
               i ->> 'model' AS model, (i ->> 'input')::bigint AS input, (i ->> 'output')::bigint AS output,
               (i ->> 'input')::bigint + (i ->> 'output')::bigint AS tokens, (i ->> 'ttl_ms')::bigint AS ttl_ms
          FROM jsonb_array_elements(p_items) i ORDER BY 1
    LOOP
        rid := item.rid;
        budget_limit := NULL;
        budget_remaining := NULL;
        budget_reset := NULL;

        IF NOT EXISTS (SELECT 1 FROM gateway_instance g WHERE g.instance_id = item.instance AND g.state = 'live') THEN
            verdict := 'FENCED';
            RETURN NEXT;
            CONTINUE;
        END IF;
        -- By the primary key alone, here and below: plans made while a table is small would take the index by instance or by tenant,
        -- and read all that is open, or all keys of the tenant.
        SELECT o.instance_id INTO v_holder FROM open_reservation o WHERE o.request_id = item.rid;
        IF v_holder = item.instance THEN
            verdict := 'ADMITTED';
            RETURN NEXT;
            CONTINUE;
        END IF;

        SELECT k.tenant_id, g.epoch, t.day_budget AS t_day, t.month_budget AS t_month, t.total_budget AS t_total,
               k.day_budget AS k_day, k.month_budget AS k_month, k.total_budget AS k_total
          INTO terms
          FROM api_key k JOIN tenant t ON t.tenant_id = k.tenant_id JOIN tenant_gate g ON g.tenant_id = k.tenant_id
         WHERE k.key_id = item.key AND k.status = 'active' AND (k.expires_at IS NULL OR k.expires_at > v_now)
           AND greatest(k.revision, t.revision) = item.revision;
        IF NOT FOUND OR terms.tenant_id <> item.tenant THEN
            verdict := 'OUTDATED';
            RETURN NEXT;
            CONTINUE;
        END IF;
        IF item.tenant <> ALL (v_tenants) OR NOT budgets_of(item.tenant, item.key, v_day, v_month) <@ v_budgets THEN
            verdict := 'BUSY';
            RETURN NEXT;
            CONTINUE;
        END IF;
        IF terms.epoch IS DISTINCT FROM item.epoch THEN
            verdict := 'WRONG_EPOCH';
            RETURN NEXT;
            CONTINUE;
        END IF;

        -- Of the budgets without room the one that lasts longest; if all have room, the one with the least.
        SELECT l.most, l.most - b.reserved - b.spent - b.overrun AS room, l.reset
          INTO budget
          FROM (VALUES ('t:' || item.tenant, 'day', v_day, terms.t_day, v_day_end),
                       ('t:' || item.tenant, 'month', v_month, terms.t_month, v_month_end),
                       ('t:' || item.tenant, 'total', DATE '1970-01-01', terms.t_total, NULL),
                       ('k:' || item.key, 'day', v_day, terms.k_day, v_day_end),
                       ('k:' || item.key, 'month', v_month, terms.k_month, v_month_end),
                       ('k:' || item.key, 'total', DATE '1970-01-01', terms.k_total, NULL))
                 l (account, period, period_start, most, reset)
          JOIN budget_account b ON b.account = l.account AND b.period = l.period AND b.period_start = l.period_start
         WHERE l.most IS NOT NULL
         ORDER BY item.tokens > l.most DESC,
                  item.tokens > l.most - b.reserved - b.spent - b.overrun DESC,
                  CASE WHEN item.tokens > l.most - b.reserved - b.spent - b.overrun THEN l.reset END DESC NULLS FIRST,
                  l.most - b.reserved - b.spent - b.overrun, l.most
         LIMIT 1;
        IF FOUND THEN
            budget_limit := budget.most;
            budget_remaining := greatest(0, budget.room);
            budget_reset := budget.reset;
            IF item.tokens > budget.most THEN
                verdict := 'NEVER_FITS';
                RETURN NEXT;
                CONTINUE;
            END IF;
            IF item.tokens > budget.room THEN
                verdict := 'OVER_BUDGET';
                RETURN NEXT;
                CONTINUE;
            END IF;
            budget_remaining := budget.room - item.tokens;
        END IF;

        INSERT INTO request_fate (request_id, fate) VALUES (item.rid, 'admitted') ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            verdict := 'FENCED';
            RETURN NEXT;
            CONTINUE;
        END IF;
        -- The comparison above is the friendly answer; the constraint on the table is the guard.
        UPDATE budget_account b SET reserved = b.reserved + item.tokens, cap = l.most
          FROM (VALUES ('t:' || item.tenant, 'day', v_day, terms.t_day),
                       ('t:' || item.tenant, 'month', v_month, terms.t_month),
                       ('t:' || item.tenant, 'total', DATE '1970-01-01', terms.t_total),
                       ('k:' || item.key, 'day', v_day, terms.k_day),
                       ('k:' || item.key, 'month', v_month, terms.k_month),
                       ('k:' || item.key, 'total', DATE '1970-01-01', terms.k_total))
                 l (account, period, period_start, most)
         WHERE b.account = l.account AND b.period = l.period AND b.period_start = l.period_start;
        INSERT INTO admission (request_id, tenant_id, key_id, instance_id, epoch, revision, endpoint, model, input_bound,
                               output_cap, admitted_at, deadline)
          VALUES (item.rid, item.tenant, item.key, item.instance, item.epoch, item.revision, item.endpoint, item.model,
                  item.input, item.output, v_now, v_now + item.ttl_ms * interval '1 ms');
        INSERT INTO open_reservation (request_id, tenant_id, key_id, instance_id, tokens, day_start, month_start, deadline)
          VALUES (item.rid, item.tenant, item.key, item.instance, item.tokens, v_day, v_month,
                  v_now + item.ttl_ms * interval '1 ms');
        verdict := 'ADMITTED';
        RETURN NEXT;
    END LOOP;
END $$;

-- Ends a tenant's epoch and returns, from one snapshot, all that the gate must know to begin the next. Null if there is no
-- such tenant.
CREATE FUNCTION gateway.begin_epoch(p_tenant text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
DECLARE
    v_epoch bigint;
    v_now timestamptz;
    v_answer jsonb;
BEGIN
    UPDATE tenant_gate SET epoch = epoch + 1 WHERE tenant_id = p_tenant RETURNING epoch INTO v_epoch;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    v_now := clock_timestamp();
    SELECT jsonb_build_object(
        'number', v_epoch,
        'open', coalesce((SELECT jsonb_agg(jsonb_build_array(o.request_id, o.key_id, o.tokens))
            FROM open_reservation o WHERE o.tenant_id = p_tenant), '[]'),
        'settled', coalesce((SELECT jsonb_agg(jsonb_build_array(s.key_id, s.charged,
                greatest(0, extract(epoch FROM v_now - s.settled_at) * 1000)::bigint))
            FROM settlement s WHERE s.tenant_id = p_tenant AND s.settled_at > v_now - interval '61 s'), '[]'),
        'admitted', coalesce((SELECT jsonb_agg(jsonb_build_array(a.key_id,
                greatest(0, extract(epoch FROM v_now - a.admitted_at) * 1000)::bigint))
            FROM admission a WHERE a.tenant_id = p_tenant AND a.admitted_at > v_now - interval '61 s'), '[]'))
      INTO v_answer;
    RETURN v_answer;
END $$;
