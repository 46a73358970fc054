-- Which certifications are valid, and which class they give. A signature is verified elsewhere
-- (`integrity/verification.py`); no function of the database can.

-- ID of the signing key. It is read as text: bytes that are not JSON cause no error and are never valid.
CREATE OR REPLACE FUNCTION indicators_key_of(envelope bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT substring(encode(envelope, 'escape') FROM '"key_id":"([0-9a-f]{64})"')
$$;

CREATE OR REPLACE FUNCTION indicators_may_certify(kind text) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT p.document::jsonb -> 'policy' -> 'certifiers' ? kind FROM indicators_policyversion p
      WHERE p.version = indicators_policy_in_force()),
    kind IN ('hotline', 'authority', 'coordinating_authority', 'europol', 'centre'))
$$;

-- Whether a certification is valid: signed by a key that is not revoked, of a verified organisation in its country that
-- may certify. This is the only definition in SQL.
CREATE OR REPLACE FUNCTION indicators_counts(certifier uuid, said text, envelope bytea) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT envelope IS NOT NULL
    AND EXISTS (SELECT 1 FROM organisations_organisation o
      WHERE o.id = certifier AND o.country = said AND indicators_may_certify(o.kind) AND 'verified' = (
        SELECT s.status FROM organisations_organisationstatus s
        WHERE s.organisation_id = o.id ORDER BY s.at DESC, s.id DESC LIMIT 1))
    AND EXISTS (SELECT 1 FROM organisations_signingkey k WHERE k.key_id = indicators_key_of(envelope)
      AND k.organisation_id = certifier AND k.use = 'certification' AND k.ended_as <> 'revoked')
$$;

-- The valid class: that of the proposal, or the one that organisations of two countries voted for. This is the only
-- definition; activation uses it too.
CREATE OR REPLACE FUNCTION indicators_class(one uuid) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT v.classification FROM (
      SELECT DISTINCT ON (organisation_id) classification, country, created_at FROM indicators_vote
      WHERE indicator_id = one AND kind = 'reclassify' ORDER BY organisation_id, created_at DESC, id DESC
    ) v GROUP BY v.classification HAVING count(DISTINCT v.country) >= 2
    ORDER BY max(v.created_at) DESC, v.classification LIMIT 1
  ), (SELECT i.classification FROM indicators_indicator i WHERE i.id = one))
$$;

-- A certification needs a security key's approval if its organisation requires keys. Checked once per statement: an
-- import certifies 5,000 entries in one statement.
CREATE OR REPLACE FUNCTION indicators_check_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who uuid;
BEGIN
  FOR who IN SELECT DISTINCT organisation_id FROM made LOOP
    IF organisations_asks(who, 'key') AND EXISTS (SELECT 1 FROM made m WHERE m.organisation_id = who
        AND NOT EXISTS (SELECT 1 FROM organisations_approval a WHERE a.id = m.approval_id
          AND a.organisation_id = m.organisation_id AND a.by = m.by AND a.signature IS NOT NULL
          AND a.act IN ('propose', 'certify', 'certify_many') AND m.indicator_id = ANY (a.subjects)
          AND m.created_at - a.created_at BETWEEN interval '-1 minute' AND interval '10 minutes')) THEN
      RAISE EXCEPTION 'this organisation certifies with a security key' USING ERRCODE = 'check_violation';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER indicators_check_key AFTER INSERT ON indicators_certification
  REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION indicators_check_key();

REVOKE ALL ON FUNCTION indicators_check_key() FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION indicators_key_of(bytea), indicators_may_certify(text), indicators_counts(uuid, text,
  bytea), indicators_class(uuid) TO PUBLIC;
