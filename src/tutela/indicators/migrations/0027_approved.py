"""A certification refers to its approval, and needs a security key's where its organisation asks for keys."""

from django.db import migrations, models


# Once a statement: an import certifies five thousand entries in one.
CHECK = """
CREATE FUNCTION indicators_check_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
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
CREATE TRIGGER indicators_check_key AFTER INSERT ON indicators_certification
  REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION indicators_check_key()"""
UNDO = """
DROP TRIGGER indicators_check_key ON indicators_certification;
DROP FUNCTION indicators_check_key()"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0026_keeping"), ("organisations", "0011_acts")]

    operations = [
        migrations.AddField(model_name="certification", name="approval_id", field=models.UUIDField(null=True)),
        migrations.RunSQL(CHECK, UNDO),
    ]
