"""Where a referral stands, kept on its row by triggers: an inbox is counted and put in order by an index."""

from django.db import migrations, models

TRIGGERS = """
CREATE FUNCTION investigations_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CASE TG_TABLE_NAME
    WHEN 'investigations_acknowledgement' THEN
      UPDATE investigations_referral SET acknowledged = true WHERE id = NEW.referral_id;
    WHEN 'investigations_returned' THEN
      UPDATE investigations_referral SET given_back = true WHERE id = NEW.referral_id;
    WHEN 'investigations_withdrawn' THEN
      UPDATE investigations_referral SET withdrawn = true WHERE id = NEW.referral_id;
    WHEN 'investigations_outcome' THEN
      UPDATE investigations_referral SET newest_outcome = NEW.kind, closed = closed OR NEW.kind = 'closed'
        WHERE id = NEW.referral_id;
  END CASE;
  RETURN NULL;
END $$;
CREATE TRIGGER investigations_stands AFTER INSERT ON investigations_acknowledgement
  FOR EACH ROW EXECUTE FUNCTION investigations_stands();
CREATE TRIGGER investigations_stands AFTER INSERT ON investigations_returned
  FOR EACH ROW EXECUTE FUNCTION investigations_stands();
CREATE TRIGGER investigations_stands AFTER INSERT ON investigations_withdrawn
  FOR EACH ROW EXECUTE FUNCTION investigations_stands();
CREATE TRIGGER investigations_stands AFTER INSERT ON investigations_outcome
  FOR EACH ROW EXECUTE FUNCTION investigations_stands()"""
GONE = """
DROP TRIGGER investigations_stands ON investigations_acknowledgement;
DROP TRIGGER investigations_stands ON investigations_returned;
DROP TRIGGER investigations_stands ON investigations_withdrawn;
DROP TRIGGER investigations_stands ON investigations_outcome;
DROP FUNCTION investigations_stands()"""
STANDS = """
DO $$ BEGIN
UPDATE investigations_referral r SET
  acknowledged = EXISTS (SELECT FROM investigations_acknowledgement a WHERE a.referral_id = r.id),
  given_back = EXISTS (SELECT FROM investigations_returned t WHERE t.referral_id = r.id),
  withdrawn = EXISTS (SELECT FROM investigations_withdrawn w WHERE w.referral_id = r.id),
  closed = EXISTS (SELECT FROM investigations_outcome o WHERE o.referral_id = r.id AND o.kind = 'closed'),
  newest_outcome = coalesce((SELECT o.kind FROM investigations_outcome o WHERE o.referral_id = r.id
                             ORDER BY o.created_at DESC, o.id DESC LIMIT 1), '');
END $$"""
FLAGS = ("acknowledged", "closed", "withdrawn", "given_back")


# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("investigations", "0008_teams"),
    ]

    operations = [
        PATIENT,
        *(migrations.AddField("referral", name, models.BooleanField(default=False)) for name in FLAGS),
        migrations.AddField("referral", "newest_outcome", models.CharField(blank=True, default="", max_length=30)),
        migrations.AlterField("referral", "newest_outcome", models.CharField(blank=True, max_length=30)),
        migrations.RunSQL(STANDS, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, GONE),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                fields=["organisation_id", "-urgent", "created_at"],
                condition=models.Q(("acknowledged", False), ("given_back", False)),
                name="referral_new",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                fields=["organisation_id", "-urgent", "created_at"],
                condition=models.Q(("acknowledged", True), ("closed", False)),
                name="referral_open",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                fields=["organisation_id", "created_at"],
                include=["team", "urgent", "perishes_at", "acknowledged", "closed", "withdrawn", "given_back"],
                name="referral_counted",
            ),
        ),
    ]
