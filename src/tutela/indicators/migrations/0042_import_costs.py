"""What an import of millions need not pay for every row: references that triggers ask for already, indexes that others
begin with or nobody asks, and two checks a row that are one a statement."""

import django.db.models.deletion
from django.db import migrations, models

# Backwards, indexes and constraints of millions of rows are made; a statement of a node's work has a minute.
PATIENT = migrations.RunSQL(migrations.RunSQL.noop, "SET LOCAL statement_timeout = 0")
OF_INDICATOR = "indicators_certification_indicator_id_71ae6778"
LIKE = "indicators_indicator_number_4e1f1128_like"
NUMBERS = [
    "ALTER TABLE indicators_indicator RENAME CONSTRAINT indicators_indicator_number_key TO one_indicator_number",
    f"DROP INDEX {LIKE}",
]
NUMBERS_BEFORE = [
    "ALTER TABLE indicators_indicator RENAME CONSTRAINT one_indicator_number TO indicators_indicator_number_key",
    f"CREATE INDEX {LIKE} ON indicators_indicator (number varchar_pattern_ops)",
]
# A category is asked for once, however many rows of a statement have it.
CATEGORY = """
DROP TRIGGER indicators_check_category ON indicators_indicator;
CREATE OR REPLACE FUNCTION indicators_check_category() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT classification FROM fresh) said
      WHERE NOT indicators_permitted(said.classification)) THEN
    RAISE EXCEPTION 'the policy in force does not permit this category' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER indicators_check_category AFTER INSERT ON indicators_indicator REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_check_category()"""
CATEGORY_BEFORE = """
DROP TRIGGER indicators_check_category ON indicators_indicator;
CREATE OR REPLACE FUNCTION indicators_check_category() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NOT indicators_permitted(NEW.classification) THEN
    RAISE EXCEPTION 'the policy in force does not permit this category' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_check_category BEFORE INSERT ON indicators_indicator
  FOR EACH ROW EXECUTE FUNCTION indicators_check_category()"""
# What was never active is in no feed; its certifications change nothing there.
FEED = """
DROP TRIGGER indicators_feed ON indicators_certification;
CREATE FUNCTION indicators_feed_certified() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO indicators_feedwaiting (indicator_id)
    SELECT f.indicator_id FROM fresh f
    WHERE EXISTS (SELECT 1 FROM indicators_activation a WHERE a.indicator_id = f.indicator_id);
  RETURN NULL;
END $$;
CREATE TRIGGER indicators_feed AFTER INSERT ON indicators_certification REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_feed_certified()"""
FEED_BEFORE = """
DROP TRIGGER indicators_feed ON indicators_certification;
CREATE TRIGGER indicators_feed AFTER INSERT ON indicators_certification
  FOR EACH ROW EXECUTE FUNCTION indicators_feed_changed();
DROP FUNCTION indicators_feed_certified()"""


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0041_notice_as_told"),
    ]

    operations = [
        # The references stay: made anew, every row of them would be read.
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    f"DROP INDEX {OF_INDICATOR}",
                    f"CREATE INDEX {OF_INDICATOR} ON indicators_certification (indicator_id)",
                )
            ],
            [
                migrations.AlterField(
                    model_name="certification",
                    name="indicator",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certifications",
                        to="indicators.indicator",
                    ),
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(NUMBERS, NUMBERS_BEFORE)],
            [
                migrations.AlterField(
                    model_name="indicator",
                    name="number",
                    field=models.CharField(max_length=16),
                ),
                migrations.AddConstraint(
                    model_name="indicator",
                    constraint=models.UniqueConstraint(fields=("number",), name="one_indicator_number"),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="indicator",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name="indicatorhash",
            name="indicator",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="hashes",
                to="indicators.indicator",
            ),
        ),
        migrations.AlterField(
            model_name="indicatorhash",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.AlterField(
            model_name="indicatornow",
            name="indicator",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="now",
                to="indicators.indicator",
            ),
        ),
        migrations.AlterField(
            model_name="indicatornow",
            name="organisation_id",
            field=models.UUIDField(editable=False),
        ),
        migrations.RunSQL([CATEGORY, FEED], [CATEGORY_BEFORE, FEED_BEFORE]),
        PATIENT,
    ]
