"""The feed of what changed, for clients of NCMEC's Hash Sharing API."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models

CHANGING = ("activation", "suspension", "revocation", "vote", "dispute", "certification")
QUEUE = [
    """
CREATE FUNCTION indicators_feed_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- What was never active is in no feed; its certifications and votes change nothing there.
  IF TG_TABLE_NAME = 'indicators_activation'
     OR EXISTS (SELECT 1 FROM indicators_activation a WHERE a.indicator_id = NEW.indicator_id) THEN
    INSERT INTO indicators_feedwaiting (indicator_id) VALUES (NEW.indicator_id);
  END IF;
  RETURN NULL;
END $$""",
    """
CREATE FUNCTION indicators_feed_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indicators_feedwaiting (indicator_id)
    SELECT d.indicator_id FROM indicators_dispute d WHERE d.id = NEW.dispute_id;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER indicators_feed AFTER INSERT ON indicators_disputedecision
       FOR EACH ROW EXECUTE FUNCTION indicators_feed_decided()""",
    *(
        f"CREATE TRIGGER indicators_feed AFTER INSERT ON indicators_{table}"
        " FOR EACH ROW EXECUTE FUNCTION indicators_feed_changed()"
        for table in CHANGING
    ),
    """DO $$ BEGIN INSERT INTO indicators_feedwaiting (indicator_id)
       SELECT DISTINCT indicator_id FROM indicators_activation; END $$""",
]
UNDO = [
    *(f"DROP TRIGGER indicators_feed ON indicators_{table}" for table in (*CHANGING, "disputedecision")),
    "DROP FUNCTION indicators_feed_changed()",
    "DROP FUNCTION indicators_feed_decided()",
]


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0007_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedWaiting",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("indicator_id", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name="FeedEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("stamp", models.DateTimeField()),
                (
                    "indicator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="feed", to="indicators.indicator"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["stamp", "indicator"], name="feed_by_stamp")],
            },
        ),
        migrations.RunSQL(QUEUE, UNDO),
    ]
