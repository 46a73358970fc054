"""Rules for acts on the register, and what was approved by them."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


# The one place that says so in SQL: of each rule the newest row counts.
ASKS = """
CREATE FUNCTION organisations_asks(who uuid, what text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT r.state = 'on' FROM organisations_actrule r
    WHERE r.organisation_id = who AND r.rule = what ORDER BY r.at DESC, r.id DESC LIMIT 1), false)
$$;
CREATE FUNCTION organisations_check_rule() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF organisations_asks(NEW.organisation_id, 'key') AND NOT EXISTS (SELECT 1 FROM organisations_approval a
      WHERE a.id = NEW.approval_id AND a.organisation_id = NEW.organisation_id AND a.signature IS NOT NULL
        AND a.act = 'rule_' || NEW.state AND a.by = NEW."by") THEN
    RAISE EXCEPTION 'this organisation changes its rules with a security key' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state = 'off' AND organisations_asks(NEW.organisation_id, 'two') AND NOT EXISTS (
      SELECT 1 FROM organisations_approval a WHERE a.id = NEW.approval_id AND a.organisation_id = NEW.organisation_id
        AND a.act = 'rule_off' AND a.by = NEW."by" AND a.asked_by NOT IN ('', a.by)) THEN
    RAISE EXCEPTION 'this organisation changes its rules by two people' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER organisations_check_rule BEFORE INSERT ON organisations_actrule
  FOR EACH ROW EXECUTE FUNCTION organisations_check_rule()"""
UNDO = """
DROP TRIGGER organisations_check_rule ON organisations_actrule;
DROP FUNCTION organisations_check_rule(), organisations_asks(uuid, text)"""
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
    dependencies = [("organisations", "0010_identity_stays")]

    operations = [
        migrations.CreateModel(
            name="ActChallenge",
            fields=[
                *BASE,
                ("person_id", models.UUIDField()),
                ("challenge", models.BinaryField(max_length=32, unique=True)),
                ("statement", models.BinaryField(max_length=400000)),
            ],
            options={
                "indexes": [models.Index(fields=["person_id", "created_at"], name="challenges_of_person")],
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                *BASE,
                ("act", models.CharField(max_length=40)),
                (
                    "subjects",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
                ),
                ("statement", models.BinaryField(max_length=400000)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                ("asked_by", models.CharField(blank=True, default="", max_length=80)),
                ("asked_by_name", models.CharField(blank=True, default="", max_length=200)),
                ("site", models.CharField(blank=True, default="", max_length=255)),
                ("origin", models.CharField(blank=True, default="", max_length=300)),
                ("credential", models.BinaryField(max_length=1023, null=True)),
                ("public_key", models.BinaryField(max_length=2000, null=True)),
                ("authenticator_data", models.BinaryField(max_length=5000, null=True)),
                ("client_data", models.BinaryField(max_length=5000, null=True)),
                ("signature", models.BinaryField(max_length=2000, null=True)),
                ("counter", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("credential", None), _negated=True),
                        fields=["credential"],
                        name="approvals_by_key",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["subjects"], name="approvals_about"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(choices=[("key", "key"), ("two", "two")], max_length=4)),
                ("state", models.CharField(choices=[("on", "on"), ("off", "off")], max_length=4)),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField(default=tutela.clock.now)),
                (
                    "approval",
                    models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="organisations.approval"),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=PROTECT, related_name="act_rules", to="organisations.organisation"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "rule", "-at", "-id"], name="act_rule_newest")],
            },
        ),
        migrations.AddField(
            model_name="foureyesrequest",
            name="statement",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.RunSQL(ASKS, UNDO),
    ]
