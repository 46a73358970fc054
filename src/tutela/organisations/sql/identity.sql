-- Facts that others rely on never change: an organisation's kind and country, and the owner of a key. A revoked key
-- stays revoked.

CREATE OR REPLACE FUNCTION organisations_keep_identity() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the kind and the country of an organisation never change' USING ERRCODE = 'check_violation';
END $$;
CREATE OR REPLACE TRIGGER organisations_keep_identity BEFORE UPDATE ON organisations_organisation
  FOR EACH ROW WHEN ((OLD.id, OLD.kind, OLD.country) IS DISTINCT FROM (NEW.id, NEW.kind, NEW.country))
  EXECUTE FUNCTION organisations_keep_identity();

CREATE OR REPLACE FUNCTION organisations_keep_key() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a key stays whose it is, and a revoked one revoked' USING ERRCODE = 'check_violation';
END $$;
CREATE OR REPLACE TRIGGER organisations_keep_key BEFORE UPDATE ON organisations_signingkey
  FOR EACH ROW WHEN (
    (OLD.id, OLD.organisation_id, OLD.use, OLD.key_id, OLD.public)
      IS DISTINCT FROM (NEW.id, NEW.organisation_id, NEW.use, NEW.key_id, NEW.public)
    OR (OLD.ended_as = 'revoked' AND NEW.ended_as <> 'revoked') OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL))
  EXECUTE FUNCTION organisations_keep_key();

REVOKE ALL ON FUNCTION organisations_keep_identity(), organisations_keep_key() FROM PUBLIC, tutela_app;
