"""The database takes in no policy that has not the shape, the digest and the signers of one."""

from django.db import migrations

# It cannot verify Ed25519: `policy` does, as it reads. So whoever may call this function can name signers who did not
# sign; that version never counts, and the one before goes on. What can be seen without a key is seen here.
ADD = """
CREATE FUNCTION indicators_policy_signers(document jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = public AS $$
  SELECT array_agg(DISTINCT encode(sha256(decode(one->>'key', 'hex')), 'hex'))
  FROM jsonb_array_elements(document->'policy'->'signers') one WHERE one->>'key' ~ '^[0-9a-f]{64}$'
$$;
CREATE FUNCTION indicators_check_policy() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
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
CREATE TRIGGER indicators_check_policy BEFORE INSERT ON indicators_policyversion
  FOR EACH ROW EXECUTE FUNCTION indicators_check_policy();
REVOKE ALL ON FUNCTION indicators_policy_signers(jsonb), indicators_check_policy() FROM PUBLIC"""
UNDO = """
DROP TRIGGER indicators_check_policy ON indicators_policyversion;
DROP FUNCTION indicators_check_policy(), indicators_policy_signers(jsonb)"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0030_floods")]

    operations = [migrations.RunSQL(ADD, UNDO)]
