-- Models whose input became more tokens than its bound. input_tokens: the most one of them ever reported then; it is reserved
-- on top of every later bound of the model's. An operator who has raised the bound itself may delete the row.
CREATE TABLE gateway.model_bound (
    model        text PRIMARY KEY,
    input_tokens bigint NOT NULL CHECK (input_tokens > 0),
    requests     bigint NOT NULL CHECK (requests > 0),
    first_seen   timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Items: model, input, requests; no two of the same model. A bound is only ever raised.
CREATE FUNCTION gateway.raise_model_bounds(p_items jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    INSERT INTO model_bound AS m (model, input_tokens, requests)
      SELECT i ->> 'model', (i ->> 'input')::bigint, (i ->> 'requests')::bigint
        FROM jsonb_array_elements(p_items) i ORDER BY 1
      ON CONFLICT (model) DO UPDATE
        SET input_tokens = greatest(m.input_tokens, excluded.input_tokens),
            requests = m.requests + excluded.requests,
            last_seen = clock_timestamp()
$$;

CREATE FUNCTION gateway.model_bounds() RETURNS TABLE (model text, input_tokens bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    SELECT m.model, m.input_tokens FROM model_bound m
$$;

-- From here on the number of the last migration that the code must find.
CREATE OR REPLACE FUNCTION gateway.schema_version() RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT 9';

GRANT EXECUTE ON FUNCTION gateway.raise_model_bounds(jsonb), gateway.model_bounds() TO gateway_app;
GRANT SELECT ON gateway.model_bound TO gateway_cli, gateway_auditor;
