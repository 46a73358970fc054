"""The salt of an indicator's signed acts lies with its hashes, and goes with them; a trigger keeps it as it is."""

from django.db import migrations, models

# As in 0024, with the salt.
KEEP = """
DROP TRIGGER indicators_keep_hash ON indicators_indicatorhash;
CREATE TRIGGER indicators_keep_hash BEFORE UPDATE ON indicators_indicatorhash FOR EACH ROW
  WHEN (OLD.sketch IS NOT NULL OR NEW.sketch IS NULL
    OR (OLD.id, OLD.organisation_id, OLD.created_at, OLD.indicator_id, OLD.kind, OLD.wrapped, OLD.blind, OLD.quality,
        OLD.hasher{old}) IS DISTINCT FROM (NEW.id, NEW.organisation_id, NEW.created_at, NEW.indicator_id, NEW.kind,
        NEW.wrapped, NEW.blind, NEW.quality, NEW.hasher{new}))
  EXECUTE FUNCTION indicators_keep_hash()"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0037_what_was_given")]

    operations = [
        migrations.AddField(
            model_name="indicatorhash", name="salt", field=models.BinaryField(max_length=32, null=True)
        ),
        migrations.RunSQL(KEEP.format(old=", OLD.salt", new=", NEW.salt"), KEEP.format(old="", new="")),
    ]
