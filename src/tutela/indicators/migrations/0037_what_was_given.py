"""What others were given: how many entries of the feed an erased indicator was, who has the list by feed or files,
how often heads were polled, and which windows have no sketch yet."""

from django.db import migrations, models

import tutela.clock
import tutela.events.identifiers

# Before its hashes go: an erasure is written first. What the feed serves of each type is in `hash_sharing_entries`.
VARIANTS = """
CREATE FUNCTION indicators_keep_variants() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  UPDATE indicators_feedentry e SET variants = said.many FROM (
    SELECT f.indicator_id, coalesce(max(k.many), 0) AS many FROM fresh f
      JOIN indicators_indicator i ON i.id = f.indicator_id
      LEFT JOIN LATERAL (
        SELECT count(*) AS many FROM indicators_indicatorhash h WHERE h.indicator_id = i.id
          AND (h.kind IN ('md5', 'sha1') OR (h.kind = 'pdq' AND i.media_type = 'image')) GROUP BY h.kind
      ) k ON true
    GROUP BY f.indicator_id
  ) said WHERE e.indicator_id = said.indicator_id;
  RETURN NULL;
END $$;
CREATE TRIGGER indicators_variants AFTER INSERT ON indicators_erasure REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_keep_variants()"""
# Of what was erased before this nobody knows: it had one name at least.
BEFORE = """
DO $$ BEGIN
  UPDATE indicators_feedentry e SET variants = 1 FROM indicators_erasure x WHERE x.indicator_id = e.indicator_id;
END $$"""
UNDO = """
DROP TRIGGER indicators_variants ON indicators_erasure;
DROP FUNCTION indicators_keep_variants()"""

PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0036_class_that_counts")]

    operations = [
        PATIENT,
        migrations.AddField(model_name="feedentry", name="variants", field=models.PositiveSmallIntegerField(null=True)),
        migrations.RunSQL([VARIANTS, BEFORE], UNDO),
        migrations.AddField(
            model_name="fetcher",
            name="way",
            field=models.CharField(
                choices=[("edge", "an Edge"), ("feed", "the feed"), ("export", "files")], default="edge", max_length=8
            ),
        ),
        migrations.RemoveConstraint(model_name="fetcher", name="one_fetcher_a_list"),
        migrations.AddConstraint(
            model_name="fetcher",
            constraint=models.UniqueConstraint(fields=("list_id", "recipient_id", "way"), name="one_fetcher_a_way"),
        ),
        migrations.RemoveIndex(model_name="indicatorhash", name="unsketched"),
        migrations.AddIndex(
            model_name="indicatorhash",
            index=models.Index(
                condition=models.Q(("kind__in", ("pdq", "window")), ("sketch__isnull", True)),
                fields=["id"],
                name="without_sketch",
            ),
        ),
        migrations.CreateModel(
            name="Polled",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("list_id", models.CharField(max_length=63)),
                ("recipient_id", models.UUIDField()),
                ("day", models.DateField()),
                ("times", models.BigIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("list_id", "recipient_id", "day"), name="one_poll_count_a_day")
                ],
            },
        ),
    ]
