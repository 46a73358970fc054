"""What became active and was not looked at since: a queue of its own, which the job that verifies empties."""

from django.db import migrations, models

QUEUE = """
CREATE FUNCTION indicators_activation_waits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO indicators_activationwaiting (indicator_id)
    SELECT fresh.indicator_id FROM fresh JOIN before ON before.id = fresh.id
    WHERE fresh.state = 'active' AND before.state <> 'active';
  RETURN NULL;
END $$;
CREATE TRIGGER indicators_looks AFTER UPDATE ON indicators_indicatornow
  REFERENCING OLD TABLE AS before NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_activation_waits()"""
UNDO = [
    "DROP TRIGGER indicators_looks ON indicators_indicatornow",
    "DROP FUNCTION indicators_activation_waits()",
]


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0027_approved"),
    ]

    operations = [
        migrations.CreateModel(
            name="ActivationWaiting",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("indicator_id", models.UUIDField()),
            ],
        ),
        migrations.RunSQL(QUEUE, UNDO),
    ]
