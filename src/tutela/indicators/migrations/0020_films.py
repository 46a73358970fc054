"""The frames by which a video is known, and what a certifier of a video shows."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


# Frames come with the proposal, from its proposer, and before anybody else stands behind it.
FILM = """
CREATE FUNCTION indicators_check_film() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM indicators_indicator i WHERE i.id = NEW.indicator_id
      AND i.organisation_id = NEW.organisation_id AND i.media_type = 'video') THEN
    RAISE EXCEPTION 'frames belong to a video that the same organisation proposes' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM indicators_certification c WHERE c.indicator_id = NEW.indicator_id
      AND c.organisation_id <> NEW.organisation_id) THEN
    RAISE EXCEPTION 'nobody certified these frames' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_check_film BEFORE INSERT ON indicators_indicatorfilm
  FOR EACH ROW EXECUTE FUNCTION indicators_check_film();
CREATE FUNCTION indicators_check_shown() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM indicators_certification c WHERE c.id = NEW.certification_id
      AND c.organisation_id = NEW.organisation_id) THEN
    RAISE EXCEPTION 'an organisation shows its own copy' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_check_shown BEFORE INSERT ON indicators_videoshown
  FOR EACH ROW EXECUTE FUNCTION indicators_check_shown();
CREATE FUNCTION indicators_check_held() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM indicators_indicatorfilm f WHERE f.indicator_id = NEW.indicator_id) AND EXISTS (
    SELECT 1 FROM indicators_certification c JOIN indicators_indicator i ON i.id = c.indicator_id
    WHERE c.indicator_id = NEW.indicator_id AND c.round = NEW.round AND c.organisation_id <> i.organisation_id
      AND NOT EXISTS (SELECT 1 FROM indicators_videoshown s WHERE s.certification_id = c.id))
  THEN
    RAISE EXCEPTION 'every certifier of a video shows that it holds it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_check_held BEFORE INSERT ON indicators_activation
  FOR EACH ROW EXECUTE FUNCTION indicators_check_held()"""
UNDO = [
    "DROP TRIGGER indicators_check_held ON indicators_activation",
    "DROP TRIGGER indicators_check_shown ON indicators_videoshown",
    "DROP TRIGGER indicators_check_film ON indicators_indicatorfilm",
    "DROP FUNCTION indicators_check_held(), indicators_check_shown(), indicators_check_film()",
]


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0017_upstream"),
    ]

    operations = [
        migrations.CreateModel(
            name="IndicatorFilm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("sealed", models.BinaryField(max_length=2220108)),
                ("seconds", models.FloatField()),
                ("told", models.PositiveIntegerField()),
                ("flat", models.PositiveIntegerField(default=0)),
                ("lawful", models.PositiveIntegerField(default=0)),
                ("judged", models.PositiveIntegerField(default=0)),
                ("usable", models.PositiveIntegerField()),
                ("hasher", models.CharField(blank=True, max_length=40)),
                (
                    "indicator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="film", to="indicators.indicator"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FilmValues",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("key_id", models.CharField(max_length=64)),
                ("values", models.BinaryField()),
                (
                    "film",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="indicators.indicatorfilm",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VideoShown",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                (
                    "basis",
                    models.CharField(
                        choices=[("digest", "the same file"), ("frames", "the same video in another file")],
                        max_length=8,
                    ),
                ),
                ("own_percent", models.PositiveSmallIntegerField(null=True)),
                ("listed_percent", models.PositiveSmallIntegerField(null=True)),
                ("run", models.PositiveIntegerField(null=True)),
                (
                    "certification",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shown", to="indicators.certification"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="indicatorfilm",
            constraint=models.CheckConstraint(condition=models.Q(("usable__gte", 5)), name="enough_frames"),
        ),
        migrations.AddConstraint(
            model_name="filmvalues",
            constraint=models.UniqueConstraint(fields=("film", "key_id"), name="one_row_a_film_and_key"),
        ),
        migrations.AddIndex(
            model_name="indicator",
            index=models.Index(fields=["media_type", "-created_at"], name="indicator_media"),
        ),
        migrations.RunSQL(FILM, UNDO),
    ]
