"""Heads of lists become public entries; a database that was restored counts on behind the entries that it lost."""

from importlib import import_module

import tutela.clock
from django.db import migrations, models

SEQUENCE = import_module("tutela.accountability.migrations.0003_public_log").SEQUENCE

# Once for each gap, and only behind every gap before it.
ADOPT = """
CREATE FUNCTION accountability_adopt(first bigint, many bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF first < 0 OR many <= 0 OR EXISTS (SELECT 1 FROM accountability_adoptedentries a WHERE a.at + a.count > first) THEN
    RAISE EXCEPTION 'a gap in the public log lies behind every earlier one' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO accountability_adoptedentries (at, count, made_at) VALUES (first, many, now());
END $$"""

GRANTS = """
REVOKE ALL ON FUNCTION accountability_adopt(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accountability_adopt(bigint, bigint) TO tutela_app"""


class Migration(migrations.Migration):
    dependencies = [("accountability", "0004_whole_events")]
    operations = [
        migrations.CreateModel(
            name="AdoptedEntries",
            fields=[
                ("at", models.BigIntegerField(primary_key=True, serialize=False)),
                ("count", models.BigIntegerField()),
                ("made_at", models.DateTimeField(default=tutela.clock.now)),
            ],
        ),
        migrations.RunSQL([SEQUENCE, ADOPT, GRANTS], "DROP FUNCTION accountability_adopt(bigint, bigint)"),
    ]
