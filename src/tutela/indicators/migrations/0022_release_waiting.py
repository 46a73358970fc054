"""What began or ceased to count since a list's snapshot, for versions that say what has changed."""

from django.db import migrations, models

QUEUE = """
CREATE FUNCTION indicators_release_waits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO indicators_releasewaiting (indicator_id)
    SELECT fresh.indicator_id FROM fresh JOIN before ON before.id = fresh.id
    WHERE (fresh.state = 'active') <> (before.state = 'active');
  RETURN NULL;
END $$;
CREATE TRIGGER indicators_release AFTER UPDATE ON indicators_indicatornow
  REFERENCING OLD TABLE AS before NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_release_waits()"""
UNDO = [
    "DROP TRIGGER indicators_release ON indicators_indicatornow",
    "DROP FUNCTION indicators_release_waits()",
]


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0021_film_sketches"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReleaseWaiting",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("indicator_id", models.UUIDField()),
                ("version", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["version"], name="waiting_since")],
            },
        ),
        migrations.RunSQL(QUEUE, UNDO),
    ]
