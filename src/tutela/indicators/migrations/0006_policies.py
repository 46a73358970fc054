"""The register's policy, and what the database refuses by it."""

import django.contrib.postgres.fields
from django.db import migrations, models


# The next number, and thirty days of notice for every change; the first binds at once. Fewer than two are never enough.
ADD = """
CREATE FUNCTION indicators_add_policy(given text, digest text, allowed text[], many integer, countries integer,
  binds timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  last bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('tutela.policy'));
  SELECT max(version) INTO last FROM indicators_policyversion;
  IF many < 2 OR countries < 2 OR cardinality(allowed) < 1 THEN
    RAISE EXCEPTION 'a policy asks for two organisations in two jurisdictions, and names categories'
      USING ERRCODE = 'check_violation';
  END IF;
  IF last IS NOT NULL AND binds < now() + interval '30 days' - interval '1 hour' THEN
    RAISE EXCEPTION 'a change of the policy needs thirty days of notice' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO indicators_policyversion
    (version, document, sha256, categories, organisations, jurisdictions, binds_from, made_at)
  VALUES (coalesce(last, 0) + 1, given, digest, allowed, many, countries,
    CASE WHEN last IS NULL THEN now() ELSE binds END, now());
  RETURN coalesce(last, 0) + 1;
END $$"""

PERMITTED = """
CREATE FUNCTION indicators_permitted(category text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT coalesce((
    SELECT category = ANY (p.categories) OR split_part(category, ':', 1) || ':*' = ANY (p.categories)
    FROM indicators_policyversion p WHERE p.binds_from <= now() ORDER BY p.version DESC LIMIT 1
  ), true)
$$;
CREATE FUNCTION indicators_check_category() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NOT indicators_permitted(NEW.classification) THEN
    RAISE EXCEPTION 'the policy in force does not permit this category' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_check_category BEFORE INSERT ON indicators_indicator
  FOR EACH ROW EXECUTE FUNCTION indicators_check_category()"""

# Activation: the present round, enough organisations in enough jurisdictions in it, permitted, neither stopped nor ended.
ACTIVATION = """
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
  IF (SELECT count(DISTINCT organisation_id) FROM indicators_certification
      WHERE indicator_id = NEW.indicator_id AND round = present) < coalesce(many, 2)
    OR (SELECT count(DISTINCT o.country) FROM indicators_certification c
        JOIN organisations_organisation o ON o.id = c.organisation_id
        WHERE c.indicator_id = NEW.indicator_id AND c.round = present) < coalesce(countries, 2)
  THEN
    RAISE EXCEPTION 'an indicator needs two organisations in two jurisdictions' USING ERRCODE = 'check_violation';
  END IF;
  IF NOT (SELECT indicators_permitted(classification) FROM indicators_indicator WHERE id = NEW.indicator_id) THEN
    RAISE EXCEPTION 'the policy in force does not permit this category' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$"""

# A suspension ends the present round, and no other; its end is the Centre's.
SUSPENSION = """
CREATE FUNCTION indicators_check_suspension() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NEW.round <> (SELECT coalesce(max(round), 0) + 1 FROM indicators_suspension WHERE indicator_id = NEW.indicator_id)
  THEN
    RAISE EXCEPTION 'a suspension ends the present round' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_check_suspension BEFORE INSERT ON indicators_suspension
  FOR EACH ROW EXECUTE FUNCTION indicators_check_suspension();
CREATE FUNCTION indicators_check_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF (SELECT kind FROM organisations_organisation WHERE id = NEW.organisation_id) <> 'centre' THEN
    RAISE EXCEPTION 'the Centre alone decides' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_check_end BEFORE INSERT ON indicators_suspensionend
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end();
CREATE TRIGGER indicators_check_release BEFORE INSERT ON indicators_floodrelease
  FOR EACH ROW EXECUTE FUNCTION indicators_check_end()"""

GRANTS = """
REVOKE ALL ON FUNCTION indicators_add_policy(text, text, text[], integer, integer, timestamptz),
  indicators_permitted(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION indicators_add_policy(text, text, text[], integer, integer, timestamptz),
  indicators_permitted(text) TO tutela_app"""

UNDO = """
DROP TRIGGER indicators_check_release ON indicators_floodrelease;
DROP TRIGGER indicators_check_end ON indicators_suspensionend;
DROP TRIGGER indicators_check_suspension ON indicators_suspension;
DROP TRIGGER indicators_check_category ON indicators_indicator;
DROP FUNCTION indicators_check_end(), indicators_check_suspension(), indicators_check_category(),
  indicators_permitted(text), indicators_add_policy(text, text, text[], integer, integer, timestamptz)"""


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0005_rounds"),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                ("version", models.BigIntegerField(primary_key=True, serialize=False)),
                ("document", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("categories", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80))),
                ("organisations", models.SmallIntegerField()),
                ("jurisdictions", models.SmallIntegerField()),
                ("binds_from", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL([ADD, PERMITTED, ACTIVATION, SUSPENSION, GRANTS], UNDO),
    ]
