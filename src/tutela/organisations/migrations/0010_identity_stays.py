"""What others rely on never changes: an organisation's kind and country, and whose key a key is; revoked stays revoked."""

from django.db import migrations

KEEP = """
CREATE FUNCTION organisations_keep_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the kind and the country of an organisation never change' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER organisations_keep_identity BEFORE UPDATE ON organisations_organisation FOR EACH ROW
  WHEN ((OLD.id, OLD.kind, OLD.country) IS DISTINCT FROM (NEW.id, NEW.kind, NEW.country))
  EXECUTE FUNCTION organisations_keep_identity();
CREATE FUNCTION organisations_keep_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a key stays whose it is, and a revoked one revoked' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER organisations_keep_key BEFORE UPDATE ON organisations_signingkey FOR EACH ROW
  WHEN ((OLD.id, OLD.organisation_id, OLD.use, OLD.key_id, OLD.public)
      IS DISTINCT FROM (NEW.id, NEW.organisation_id, NEW.use, NEW.key_id, NEW.public)
    OR (OLD.ended_as = 'revoked' AND NEW.ended_as <> 'revoked') OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL))
  EXECUTE FUNCTION organisations_keep_key()"""
UNDO = """
DROP TRIGGER organisations_keep_key ON organisations_signingkey;
DROP TRIGGER organisations_keep_identity ON organisations_organisation;
DROP FUNCTION organisations_keep_key(), organisations_keep_identity()"""


class Migration(migrations.Migration):
    dependencies = [("organisations", "0009_outages")]
    operations = [migrations.RunSQL(KEEP, UNDO)]
