"""Where an indicator stands, by what it is: a list of the videos of a state, or of those to certify, by an index."""

from django.db import migrations, models

BEGUN = """
CREATE OR REPLACE FUNCTION indicators_now_begun() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO indicators_indicatornow
    (id, organisation_id, created_at, indicator_id, state, proposed_at, held{COLUMN})
    SELECT f.id, f.organisation_id, f.created_at, f.id, 'proposed', f.created_at, coalesce(r.held, false){VALUE}
    FROM fresh f LEFT JOIN (
      SELECT run_id, indicators_is_held(NULL, run_id) AS held
      FROM (SELECT DISTINCT run_id FROM fresh WHERE run_id IS NOT NULL) runs
    ) r ON r.run_id = f.run_id;
  INSERT INTO indicators_statetally (id, organisation_id, created_at, state, n)
    SELECT gen_random_uuid(), organisation_id, now(), 'proposed', count(*) FROM fresh GROUP BY organisation_id;
  RETURN NULL;
END $$"""
WITH_MEDIA = BEGUN.replace("{COLUMN}", ", media_type").replace("{VALUE}", ", f.media_type")
WITHOUT = BEGUN.replace("{COLUMN}", "").replace("{VALUE}", "")
# What stands there already.
FILL = """
DO $$ BEGIN
UPDATE indicators_indicatornow n SET media_type = i.media_type
  FROM indicators_indicator i WHERE i.id = n.indicator_id;
END $$"""


# A register may have millions of them; a statement of a node's work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0022_release_waiting"),
    ]

    operations = [
        PATIENT,
        migrations.AddField(
            model_name="indicatornow",
            name="media_type",
            field=models.CharField(default="", max_length=8),
            preserve_default=False,
        ),
        migrations.RunSQL([WITH_MEDIA, FILL], [WITHOUT]),
        migrations.AddIndex(
            model_name="indicatornow",
            index=models.Index(fields=["state", "media_type", "-proposed_at"], name="now_by_state_and_media"),
        ),
        migrations.AddIndex(
            model_name="indicatornow",
            index=models.Index(
                condition=models.Q(("held", False), ("state", "proposed")),
                fields=["organisation_id", "media_type", "-proposed_at"],
                name="now_media_to_certify",
            ),
        ),
    ]
