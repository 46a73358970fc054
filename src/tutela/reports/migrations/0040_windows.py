"""A day that brought too few reports for a tenth waits for the next ones; and the newest sightings of an item by an index."""

import django.db.models.deletion
from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


# The planner knows how often an item comes on the average: for one that came ten thousand times it would read and sort
# them all. An account is the first name that a report gives (the first of its traits, where it names one); what names
# none counts once a sender. Of the report's own sender as many count as make a circulation, of each other fewer.
ARRIVALS = """
CREATE FUNCTION reports_arrivals(items uuid[], own uuid, most_own integer, most_others integer, newest integer, but uuid)
RETURNS TABLE (item uuid, accounts integer) LANGUAGE plpgsql STABLE
SET search_path = public SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off AS $$
BEGIN
  RETURN QUERY SELECT counted.item, sum(least(counted.names,
      CASE WHEN counted.provider_id = own THEN most_own ELSE most_others END))::integer
    FROM (
      SELECT one.id AS item, r.provider_id, count(DISTINCT r.name) AS names
      FROM unnest(items) AS one (id)
      CROSS JOIN LATERAL (
        SELECT s.report_id FROM reports_sighting s WHERE s.item_id = one.id ORDER BY s.id DESC LIMIT newest) came
      CROSS JOIN LATERAL (
        SELECT f.provider_id, CASE WHEN get_byte(f.traits[1], 0) = ascii('a') THEN f.traits[1] ELSE '' END AS name
        FROM reports_report f WHERE f.id = came.report_id OFFSET 0) r
      WHERE came.report_id IS DISTINCT FROM but
      GROUP BY one.id, r.provider_id) counted
    GROUP BY counted.item;
END $$"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0039_by_week"),
    ]

    operations = [
        PATIENT,
        migrations.AddField("drawnday", "waits", models.BooleanField(default=False)),
        migrations.AddIndex("sighting", models.Index(fields=["item", "id"], name="sighting_newest")),
        migrations.AlterField(
            "sighting",
            "item",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sightings",
                to="reports.item",
            ),
        ),
        migrations.RunSQL(ARRIVALS, "DROP FUNCTION reports_arrivals"),
    ]
