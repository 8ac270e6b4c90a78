-- Under which peppers keys were made. A fingerprint is 8 bytes of an HMAC under the pepper, which is 32 random bytes: it tells
-- two peppers apart, and helps nobody to find one. A gateway with another pepper knows none of the keys.
CREATE TABLE gateway.pepper (
    fingerprint   text PRIMARY KEY CHECK (fingerprint ~ '^[0-9a-f]{16}$'),
    first_used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_used_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Before a key is made under it. Says whether keys are made under another one too.
CREATE FUNCTION gateway.note_pepper(p_fingerprint text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
BEGIN
    INSERT INTO pepper AS p (fingerprint) VALUES (p_fingerprint)
      ON CONFLICT (fingerprint) DO UPDATE SET last_used_at = clock_timestamp();
    RETURN EXISTS (SELECT FROM pepper p WHERE p.fingerprint <> p_fingerprint);
END $$;

-- The newest first. older_keys: some that are active were made before peppers were noted.
CREATE FUNCTION gateway.peppers() RETURNS TABLE (fingerprint text, last_used_at timestamptz, older_keys boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, gateway, pg_temp AS $$
    SELECT p.fingerprint, p.last_used_at,
           EXISTS (SELECT FROM api_key k
                    WHERE k.status = 'active' AND k.created_at < (SELECT min(first_used_at) FROM pepper))
      FROM pepper p ORDER BY p.last_used_at DESC
$$;

CREATE OR REPLACE FUNCTION gateway.schema_version() RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT 13';

GRANT EXECUTE ON FUNCTION gateway.note_pepper(text) TO gateway_cli;
GRANT EXECUTE ON FUNCTION gateway.peppers() TO gateway_app;
