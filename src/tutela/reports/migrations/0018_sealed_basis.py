from django.db import migrations, models

# A change of type rewrites every row, whatever its policy and triggers say of updates.
FORWARD = """
ALTER TABLE reports_jurisdiction ALTER COLUMN evidence TYPE text
  USING jsonb_build_object('values', rule_values, 'evidence', evidence)::text;
ALTER TABLE reports_jurisdiction RENAME COLUMN evidence TO basis;
ALTER TABLE reports_jurisdiction DROP COLUMN rule_values"""
# What was sealed has no way back into these columns; it is left out.
BACK = """
ALTER TABLE reports_jurisdiction ADD COLUMN rule_values jsonb NOT NULL DEFAULT '{}';
ALTER TABLE reports_jurisdiction RENAME COLUMN basis TO evidence;
ALTER TABLE reports_jurisdiction ALTER COLUMN evidence TYPE jsonb
  USING CASE WHEN left(evidence, 1) = '{' THEN evidence::jsonb -> 'evidence' ELSE '[]' END"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0017_children"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACK)],
            state_operations=[
                migrations.RemoveField(model_name="jurisdiction", name="rule_values"),
                migrations.RemoveField(model_name="jurisdiction", name="evidence"),
                migrations.AddField(model_name="jurisdiction", name="basis", field=models.TextField()),
            ],
        ),
    ]
