"""Items count the decisions about them; a small index finds what waits for a provider's answer."""

from django.db import migrations, models

# What `history.note` keeps in step from here on.
FILL = """
DO $$ BEGIN
UPDATE reports_item SET relevant = counted.yes, not_relevant = counted.no
FROM (SELECT s.item_id, count(DISTINCT r.id) FILTER (WHERE r.decision = 'forward') AS yes,
             count(DISTINCT r.id) FILTER (WHERE r.decision <> 'forward') AS no
      FROM reports_sighting s JOIN reports_report r ON r.id = s.report_id
      WHERE r.duplicate_of_id IS NULL AND r.decided_at IS NOT NULL GROUP BY s.item_id) counted
WHERE counted.item_id = reports_item.id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0006_carried"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="relevant",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="item",
            name="not_relevant",
            field=models.IntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("duplicate_of", None), ("state", "asked")),
                fields=["bundle", "provider_id"],
                name="report_asked",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
