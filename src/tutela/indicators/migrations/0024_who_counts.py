"""Which certifications count: signed by a key that nobody revoked, of a verified organisation that may certify."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


# The one place that says so in SQL. A signature is verified elsewhere (`verification`); no function of the database can.
# The key's name is read as text: bytes that are no JSON make no error here, they only count for nothing.
COUNTS = r"""
CREATE FUNCTION indicators_may_certify(kind text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT p.document::jsonb -> 'policy' -> 'certifiers' ? kind FROM indicators_policyversion p
      WHERE p.binds_from <= now() ORDER BY p.version DESC LIMIT 1),
    kind IN ('hotline', 'authority', 'coordinating_authority', 'europol', 'centre'))
$$;
CREATE FUNCTION indicators_key_of(envelope bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT substring(encode(envelope, 'escape') FROM '"key_id":"([0-9a-f]{64})"')
$$;
CREATE FUNCTION indicators_counts(certifier uuid, said text, envelope bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT envelope IS NOT NULL
    AND EXISTS (SELECT 1 FROM organisations_organisation o
      WHERE o.id = certifier AND o.country = said AND indicators_may_certify(o.kind) AND 'verified' = (
        SELECT s.status FROM organisations_organisationstatus s
        WHERE s.organisation_id = o.id ORDER BY s.at DESC, s.id DESC LIMIT 1))
    AND EXISTS (SELECT 1 FROM organisations_signingkey k WHERE k.key_id = indicators_key_of(envelope)
      AND k.organisation_id = certifier AND k.use = 'certification' AND k.ended_as <> 'revoked')
$$"""
_BEFORE = """
CREATE OR REPLACE FUNCTION indicators_two_jurisdictions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  present integer;
  many integer;
  countries integer;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('tutela.indicator'), hashtext(NEW.indicator_id::text));
  IF EXISTS (SELECT 1 FROM indicators_revocation WHERE indicator_id = NEW.indicator_id) THEN
    RAISE EXCEPTION 'a revoked indicator is never activated' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM indicators_suspension s WHERE s.indicator_id = NEW.indicator_id
      AND NOT EXISTS (SELECT 1 FROM indicators_suspensionend e WHERE e.suspension_id = s.id)) THEN
    RAISE EXCEPTION 'a suspended indicator is not activated' USING ERRCODE = 'check_violation';
  END IF;
  SELECT coalesce(max(round), 0) + 1 INTO present FROM indicators_suspension WHERE indicator_id = NEW.indicator_id;
  IF NEW.round <> present THEN
    RAISE EXCEPTION 'an indicator is activated in its present round alone' USING ERRCODE = 'check_violation';
  END IF;
  SELECT p.organisations, p.jurisdictions INTO many, countries FROM indicators_policyversion p
    WHERE p.binds_from <= now() ORDER BY p.version DESC LIMIT 1;
{ENOUGH}
  IF NOT (SELECT indicators_permitted(classification) FROM indicators_indicator WHERE id = NEW.indicator_id) THEN
    RAISE EXCEPTION 'the policy in force does not permit this category' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$"""
ACTIVATION = _BEFORE.replace(
    "{ENOUGH}",
    """\
  IF (SELECT count(DISTINCT c.organisation_id) < coalesce(many, 2) OR count(DISTINCT c.country) < coalesce(countries, 2)
    FROM indicators_certification c WHERE c.indicator_id = NEW.indicator_id AND c.round = present
      AND indicators_counts(c.organisation_id, c.country, c.envelope))
  THEN
    RAISE EXCEPTION 'an indicator needs two organisations in two jurisdictions' USING ERRCODE = 'check_violation';
  END IF;""",
)
UNDO_ACTIVATION = _BEFORE.replace(
    "{ENOUGH}",
    """\
  IF (SELECT count(DISTINCT organisation_id) FROM indicators_certification
      WHERE indicator_id = NEW.indicator_id AND round = present) < coalesce(many, 2)
    OR (SELECT count(DISTINCT o.country) FROM indicators_certification c
        JOIN organisations_organisation o ON o.id = c.organisation_id
        WHERE c.indicator_id = NEW.indicator_id AND c.round = present) < coalesce(countries, 2)
  THEN
    RAISE EXCEPTION 'an indicator needs two organisations in two jurisdictions' USING ERRCODE = 'check_violation';
  END IF;""",
)
UNDO_COUNTS = (
    "DROP FUNCTION indicators_counts(uuid, text, bytea), indicators_key_of(bytea), indicators_may_certify(text)"
)
# A proposer's hashes come with its proposal, before anybody certifies; then they stay as they are. For whole statements:
# an import writes thousands. A data key's value is renewed by the tables' owner, who lets no trigger hold it up.
HASHES = """
CREATE FUNCTION indicators_check_hashes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM fresh f LEFT JOIN indicators_indicator i
      ON i.id = f.indicator_id AND i.organisation_id = f.organisation_id
    WHERE i.id IS NULL OR EXISTS (SELECT 1 FROM indicators_certification c WHERE c.indicator_id = f.indicator_id))
  THEN
    RAISE EXCEPTION 'a hash comes from the proposer, before anybody certifies' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER indicators_check_hashes AFTER INSERT ON indicators_indicatorhash REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION indicators_check_hashes();
CREATE FUNCTION indicators_keep_hash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the hash of an indicator stays as it was proposed' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER indicators_keep_hash BEFORE UPDATE ON indicators_indicatorhash FOR EACH ROW
  WHEN (OLD.sketch IS NOT NULL OR NEW.sketch IS NULL
    OR (OLD.id, OLD.organisation_id, OLD.created_at, OLD.indicator_id, OLD.kind, OLD.wrapped, OLD.blind, OLD.quality,
        OLD.hasher) IS DISTINCT FROM (NEW.id, NEW.organisation_id, NEW.created_at, NEW.indicator_id, NEW.kind,
        NEW.wrapped, NEW.blind, NEW.quality, NEW.hasher))
  EXECUTE FUNCTION indicators_keep_hash();
CREATE TRIGGER indicators_keep_row BEFORE DELETE ON indicators_indicatorhash FOR EACH ROW
  EXECUTE FUNCTION indicators_keep_hash();
CREATE TRIGGER indicators_keep_all BEFORE TRUNCATE ON indicators_indicatorhash FOR EACH STATEMENT
  EXECUTE FUNCTION indicators_keep_hash()"""
UNDO_HASHES = """
DROP TRIGGER indicators_keep_all ON indicators_indicatorhash;
DROP TRIGGER indicators_keep_row ON indicators_indicatorhash;
DROP TRIGGER indicators_keep_hash ON indicators_indicatorhash;
DROP TRIGGER indicators_check_hashes ON indicators_indicatorhash;
DROP FUNCTION indicators_keep_hash(), indicators_check_hashes()"""
# That and when something happened to an entry, whoever did it: the public log says as much. No facts, no actors.
EVENTS = """
CREATE FUNCTION indicators_events(one uuid) RETURNS TABLE (event uuid, kind text, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT e.id, e.kind::text, e.at FROM events_event e
  WHERE e.subject_kind = 'indicator' AND e.subject_id = one::text AND current_setting('tutela.register', true) = 'on'
    AND e.kind IN ('indicator.proposed', 'indicator.certified', 'indicator.activated', 'indicator.disputed',
      'dispute.decided', 'indicator.suspended', 'indicator.revoked', 'indicator.cleared', 'indicator.voted',
      'indicator.feedback')
  ORDER BY e.at DESC, e.id DESC LIMIT 200
$$;
REVOKE ALL ON FUNCTION indicators_events(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION indicators_events(uuid) TO tutela_app"""
CLEARING = """
CREATE TRIGGER indicators_check_clearing BEFORE INSERT ON indicators_clearing
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end()"""
UUID = models.UUIDField(default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0023_media_now"),
        ("organisations", "0010_identity_stays"),
    ]

    operations = [
        migrations.CreateModel(
            name="CheckedCertification",
            fields=[
                ("id", UUID),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("round", models.PositiveSmallIntegerField()),
                ("certifier_id", models.UUIDField()),
                ("country", models.CharField(max_length=2)),
                ("key_id", models.CharField(max_length=64)),
                ("seal", models.BinaryField(max_length=32)),
                (
                    "certification",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checked",
                        to="indicators.certification",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="indicators.indicator"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="Clearing",
            fields=[
                ("id", UUID),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "indicator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="clearing", to="indicators.indicator"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="LegalityStated",
            fields=[
                ("id", UUID),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("country", models.CharField(max_length=2)),
                ("illegal", models.BooleanField()),
                ("norm", models.CharField(blank=True, max_length=300)),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="legalities",
                        to="indicators.indicator",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("indicator", "organisation_id", "country"), name="one_word_a_country"
                    )
                ],
            },
        ),
        migrations.AddIndex(model_name="release", index=models.Index(fields=["created_at"], name="release_made")),
        migrations.AlterField(
            model_name="suspension",
            name="cause",
            field=models.CharField(
                choices=[
                    ("certifier", "a certifier doubts it"),
                    ("doubts", "two organisations doubt it"),
                    ("feedback", "providers report false positives"),
                    ("centre", "stopped by the Centre"),
                    ("flood", "part of a flood of proposals"),
                    ("quarantine", "held as unusual"),
                    ("behind", "too few stand behind it any longer"),
                ],
                max_length=16,
            ),
        ),
        migrations.RunSQL([COUNTS, ACTIVATION], [UNDO_ACTIVATION, UNDO_COUNTS]),
        migrations.RunSQL(HASHES, UNDO_HASHES),
        migrations.RunSQL(EVENTS, "DROP FUNCTION indicators_events(uuid)"),
        migrations.RunSQL(CLEARING, "DROP TRIGGER indicators_check_clearing ON indicators_clearing"),
    ]
