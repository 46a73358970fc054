"""The database itself refuses an activation without two organisations in two countries behind the indicator."""

from django.db import migrations

CHECK = """
CREATE FUNCTION indicators_two_jurisdictions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF (SELECT count(DISTINCT organisation_id) FROM indicators_certification WHERE indicator_id = NEW.indicator_id) < 2
    OR (SELECT count(DISTINCT o.country) FROM indicators_certification c
        JOIN organisations_organisation o ON o.id = c.organisation_id WHERE c.indicator_id = NEW.indicator_id) < 2
  THEN
    RAISE EXCEPTION 'an indicator needs two organisations in two jurisdictions' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM indicators_revocation WHERE indicator_id = NEW.indicator_id) THEN
    RAISE EXCEPTION 'a revoked indicator is never activated' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_two_jurisdictions BEFORE INSERT ON indicators_activation
  FOR EACH ROW EXECUTE FUNCTION indicators_two_jurisdictions()"""

DROP = """
DROP TRIGGER indicators_two_jurisdictions ON indicators_activation;
DROP FUNCTION indicators_two_jurisdictions()"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial"), ("organisations", "0001_initial")]
    operations = [migrations.RunSQL(CHECK, DROP)]
