-- The register's policy: who may certify, what may be proposed, how many organisations in how many jurisdictions.

-- The version that binds: the newest of which thirty days have passed since its notice was seen in the public log; the
-- first binds at once. The one place that says so in SQL.
CREATE OR REPLACE FUNCTION indicators_policy_in_force() RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT p.version FROM indicators_policyversion p LEFT JOIN indicators_policynotice n USING (version)
  WHERE p.binds_from <= now() AND (n.since <= now() - interval '30 days'
    OR NOT EXISTS (SELECT 1 FROM indicators_policyversion f WHERE f.version < p.version))
  ORDER BY p.version DESC LIMIT 1
$$;

CREATE OR REPLACE FUNCTION indicators_permitted(category text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce((
    SELECT category = ANY (p.categories) OR split_part(category, ':', 1) || ':*' = ANY (p.categories)
    FROM indicators_policyversion p WHERE p.version = indicators_policy_in_force()
  ), true)
$$;

-- The next version. Thirty days of notice for every change; fewer than two organisations or jurisdictions are never
-- enough.
CREATE OR REPLACE FUNCTION indicators_add_policy(
  given text, digest text, allowed text[], many integer, countries integer, binds timestamptz
)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('tutela.policy'));
  SELECT max(version) INTO last FROM indicators_policyversion;
  IF many < 2 OR countries < 2 OR cardinality(allowed) < 1 THEN
    RAISE EXCEPTION 'a policy asks for two organisations in two jurisdictions, and names categories'
      USING ERRCODE = 'check_violation';
  END IF;
  IF last IS NOT NULL AND binds < now() + interval '30 days' - interval '1 hour' THEN
    RAISE EXCEPTION 'a change of the policy needs thirty days of notice' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO indicators_policyversion
    (version, document, sha256, categories, organisations, jurisdictions, binds_from, made_at)
  VALUES (coalesce(last, 0) + 1, given, digest, allowed, many, countries,
    CASE WHEN last IS NULL THEN now() ELSE binds END, now());
  RETURN coalesce(last, 0) + 1;
END $$;

-- Note that the public log has the announcement of a version; returns whether that is new. A database function cannot
-- read the log: `lifecycle/policy.py` calls this function with the time in the entry. If the entry has no time, the
-- notice starts now. The time is at most 4 hours ahead, so that a caller cannot delay the notice.
CREATE OR REPLACE FUNCTION indicators_note_notice(given bigint, told timestamptz) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH noted AS (
    INSERT INTO indicators_policynotice (version, since)
    SELECT p.version, greatest(now(), least(coalesce(told - interval '30 days', now()), now() + interval '4 hours'))
    FROM indicators_policyversion p WHERE p.version = given
    ON CONFLICT DO NOTHING RETURNING 1
  ) SELECT count(*) > 0 FROM noted
$$;

CREATE OR REPLACE FUNCTION indicators_policy_signers(document jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT array_agg(DISTINCT encode(sha256(decode(one->>'key', 'hex')), 'hex'))
  FROM jsonb_array_elements(document->'policy'->'signers') one WHERE one->>'key' ~ '^[0-9a-f]{64}$'
$$;

-- Only a document with the shape, the digest and the signers of a policy is taken in. The database cannot verify
-- Ed25519: `lifecycle/policy.py` does, as it reads. So whoever may call `indicators_add_policy` can name signers who
-- did not sign; that version never counts, and the one before goes on. What can be seen without a key is seen here.
CREATE OR REPLACE FUNCTION indicators_check_policy() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  said jsonb;
  body jsonb;
  before indicators_policyversion%ROWTYPE;
  asked text[];
  signed integer;
BEGIN
  SELECT * INTO before FROM indicators_policyversion WHERE version < NEW.version ORDER BY version DESC LIMIT 1;
  BEGIN
    said := NEW.document::jsonb;
    body := said->'policy';
    IF NOT coalesce((body->>'version')::bigint = NEW.version
        AND body->>'previous' IS NOT DISTINCT FROM before.sha256
        AND starts_with(NEW.document, '{"policy":{')
        AND NEW.sha256 = encode(sha256(convert_to(
          substr(NEW.document, 11, strpos(NEW.document, ',"signatures":') - 11), 'UTF8')), 'hex')
        AND to_jsonb(NEW.categories) = body->'categories'
        AND NEW.organisations = (body->>'organisations')::integer
        AND NEW.jurisdictions = (body->>'jurisdictions')::integer
        AND (before.version IS NULL OR NEW.binds_from = (body->>'binds_from')::timestamptz)
        AND (body->>'doubters')::integer >= 2 AND (body->>'reporters')::integer >= 2
        AND jsonb_array_length(body->'certifiers') >= 1
        AND jsonb_array_length(body->'signers') = 4
        AND cardinality(indicators_policy_signers(said)) = 4, false) THEN
      RAISE EXCEPTION 'shape' USING ERRCODE = 'check_violation';
    END IF;
    asked := indicators_policy_signers(CASE WHEN before.version IS NULL THEN said ELSE before.document::jsonb END);
    SELECT count(DISTINCT one->>'key_id') INTO signed FROM jsonb_array_elements(said->'signatures') one
      WHERE one->>'key_id' = ANY (asked) AND one->>'signature' ~ '^[A-Za-z0-9+/]{86}==$';
  EXCEPTION WHEN data_exception OR check_violation OR null_value_not_allowed THEN
    RAISE EXCEPTION 'this is no policy of the register' USING ERRCODE = 'check_violation';
  END;
  IF signed < (CASE WHEN before.version IS NULL THEN 4 ELSE 3 END) THEN
    RAISE EXCEPTION 'a policy has the signatures of its signers, a change three of those before'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_policy BEFORE INSERT ON indicators_policyversion
  FOR EACH ROW EXECUTE FUNCTION indicators_check_policy();

-- A proposal names a category that the policy permits. Asked once, however many rows of a statement have it.
CREATE OR REPLACE FUNCTION indicators_check_category() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT classification FROM fresh) said
      WHERE NOT indicators_permitted(said.classification)) THEN
    RAISE EXCEPTION 'the policy in force does not permit this category' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_category AFTER INSERT ON indicators_indicator
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION indicators_check_category();

REVOKE ALL ON FUNCTION indicators_policy_in_force(), indicators_permitted(text), indicators_add_policy(text, text,
  text[], integer, integer, timestamptz), indicators_note_notice(bigint, timestamptz),
  indicators_policy_signers(jsonb), indicators_check_policy(), indicators_check_category() FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION indicators_policy_in_force(), indicators_permitted(text), indicators_add_policy(text, text,
  text[], integer, integer, timestamptz), indicators_note_notice(bigint, timestamptz) TO tutela_app;
