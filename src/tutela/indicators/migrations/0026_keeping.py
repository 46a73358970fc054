"""How long an indicator is kept: legal holds, erasures, and which rows go with one."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


CHECKS = """
CREATE TRIGGER indicators_check_hold BEFORE INSERT ON indicators_legalhold
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE TRIGGER indicators_check_hold_end BEFORE INSERT ON indicators_legalholdend
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE TRIGGER indicators_check_erasure BEFORE INSERT ON indicators_erasure
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE FUNCTION indicators_check_erasable() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM indicators_revocation WHERE indicator_id = NEW.indicator_id) THEN
    RAISE EXCEPTION 'what is not revoked is not erased' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM indicators_legalhold h WHERE h.indicator_id = NEW.indicator_id AND h.until > now()
      AND NOT EXISTS (SELECT 1 FROM indicators_legalholdend e WHERE e.hold_id = h.id)) THEN
    RAISE EXCEPTION 'a legal hold stands' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_check_erasable BEFORE INSERT ON indicators_erasure
  FOR EACH ROW EXECUTE FUNCTION indicators_check_erasable()"""
# Rows of an indicator go with its erasure alone, and never change. A hash's own trigger keeps it from changing.
KEEP = """
CREATE FUNCTION indicators_go_with(one uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF one IS NULL OR NOT EXISTS (SELECT 1 FROM indicators_erasure WHERE indicator_id = one) THEN
    RAISE EXCEPTION 'the hash of an indicator stays as it was proposed, until it is erased'
      USING ERRCODE = 'check_violation';
  END IF;
END $$;
CREATE FUNCTION indicators_go_of_indicator() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  PERFORM indicators_go_with(CASE WHEN TG_OP = 'DELETE' THEN OLD.indicator_id END);
  RETURN OLD;
END $$;
CREATE FUNCTION indicators_go_of_hash() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  PERFORM indicators_go_with(CASE WHEN TG_OP = 'DELETE' THEN
    (SELECT h.indicator_id FROM indicators_indicatorhash h WHERE h.id = OLD.hash_id) END);
  RETURN OLD;
END $$;
CREATE FUNCTION indicators_go_of_film() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  PERFORM indicators_go_with(CASE WHEN TG_OP = 'DELETE' THEN
    (SELECT f.indicator_id FROM indicators_indicatorfilm f WHERE f.id = OLD.film_id) END);
  RETURN OLD;
END $$;
DROP TRIGGER indicators_keep_row ON indicators_indicatorhash;
CREATE TRIGGER indicators_keep_row BEFORE DELETE ON indicators_indicatorhash
  FOR EACH ROW EXECUTE FUNCTION indicators_go_of_indicator();
CREATE TRIGGER indicators_keep_row BEFORE UPDATE OR DELETE ON indicators_indicatorfilm
  FOR EACH ROW EXECUTE FUNCTION indicators_go_of_indicator();
CREATE TRIGGER indicators_keep_row BEFORE UPDATE OR DELETE ON indicators_hashvalue
  FOR EACH ROW EXECUTE FUNCTION indicators_go_of_hash();
CREATE TRIGGER indicators_keep_row BEFORE UPDATE OR DELETE ON indicators_filmvalues
  FOR EACH ROW EXECUTE FUNCTION indicators_go_of_film();
CREATE TRIGGER indicators_keep_row BEFORE UPDATE OR DELETE ON indicators_filmsketch
  FOR EACH ROW EXECUTE FUNCTION indicators_go_of_film()"""
_TABLES = ("indicatorfilm", "hashvalue", "filmvalues", "filmsketch")
# They were tables of which no row ever goes; until the policies are made anew after the last migration.
OPENED = [
    f"DROP TRIGGER IF EXISTS tutela_refuse_rows ON indicators_{table}; "
    f"DROP TRIGGER IF EXISTS tutela_refuse_all ON indicators_{table}; "
    f"CREATE TRIGGER indicators_keep_all BEFORE TRUNCATE ON indicators_{table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION indicators_keep_hash()"
    for table in _TABLES
]
# The rows of several organisations: of the proposer, and of the Centre.
ERASE = """
CREATE FUNCTION indicators_erase(ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  gone uuid[] := ARRAY(SELECT indicator_id FROM indicators_erasure WHERE indicator_id = ANY(ids));
BEGIN
  DELETE FROM indicators_hashvalue v USING indicators_indicatorhash h
    WHERE v.hash_id = h.id AND h.indicator_id = ANY(gone);
  DELETE FROM indicators_filmvalues v USING indicators_indicatorfilm f
    WHERE v.film_id = f.id AND f.indicator_id = ANY(gone);
  DELETE FROM indicators_filmsketch s USING indicators_indicatorfilm f
    WHERE s.film_id = f.id AND f.indicator_id = ANY(gone);
  DELETE FROM indicators_indicatorfilm WHERE indicator_id = ANY(gone);
  DELETE FROM indicators_indicatorhash WHERE indicator_id = ANY(gone);
  INSERT INTO indicators_factstoerase (id, organisation_id, created_at, indicator_id)
    SELECT gen_random_uuid(), e.organisation_id, now(), one FROM unnest(gone) one
      JOIN events_event e ON e.subject_kind = 'indicator' AND e.subject_id = one::text
      JOIN events_eventfacts f ON f.event_id = e.id
    GROUP BY e.organisation_id, one;
END $$;
REVOKE ALL ON FUNCTION indicators_erase(uuid[]), indicators_go_with(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION indicators_erase(uuid[]) TO tutela_app"""
UNDO = [
    "DROP FUNCTION indicators_erase(uuid[])",
    *(f"DROP TRIGGER indicators_keep_all ON indicators_{table}" for table in _TABLES),
    *(f"DROP TRIGGER indicators_keep_row ON indicators_{table}" for table in (*_TABLES, "indicatorhash")),
    """CREATE TRIGGER indicators_keep_row BEFORE DELETE ON indicators_indicatorhash
    FOR EACH ROW EXECUTE FUNCTION indicators_keep_hash()""",
    """DROP FUNCTION indicators_go_of_film(), indicators_go_of_hash(), indicators_go_of_indicator(),
    indicators_go_with(uuid)""",
    "DROP TRIGGER indicators_check_erasable ON indicators_erasure",
    "DROP FUNCTION indicators_check_erasable()",
    "DROP TRIGGER indicators_check_erasure ON indicators_erasure",
    "DROP TRIGGER indicators_check_hold_end ON indicators_legalholdend",
    "DROP TRIGGER indicators_check_hold ON indicators_legalhold",
]
BASE = (
    (
        "id",
        models.UUIDField(default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False),
    ),
    ("organisation_id", models.UUIDField(db_index=True, editable=False)),
    ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
)
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0025_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                *BASE,
                ("reason", models.CharField(max_length=300)),
                ("until", models.DateTimeField()),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "indicator",
                    models.ForeignKey(on_delete=PROTECT, related_name="legal_holds", to="indicators.indicator"),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="LegalHoldEnd",
            fields=[
                *BASE,
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                ("hold", models.OneToOneField(on_delete=PROTECT, related_name="end", to="indicators.legalhold")),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                *BASE,
                ("rule", models.CharField(max_length=60)),
                ("by", models.CharField(max_length=80)),
                (
                    "indicator",
                    models.OneToOneField(on_delete=PROTECT, related_name="erasure", to="indicators.indicator"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("rule", "indicator.refuted")), fields=["rule"], name="erased_refuted"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FactsToErase",
            fields=[
                *BASE,
                ("indicator", models.ForeignKey(on_delete=PROTECT, related_name="+", to="indicators.indicator")),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL([CHECKS, KEEP, *OPENED, ERASE], UNDO),
    ]
