"""What a provider's desk asks of many reports: whom to tell on their rows, and indexes for what was read row by row."""

from django.db import migrations, models

TOLD = """
DO $$ BEGIN
UPDATE detection_draft d SET tell_from = (SELECT min(at) FROM detection_informationdue i WHERE i.draft_id = d.id),
  told_at = (SELECT u.created_at FROM detection_userinformed u WHERE u.draft_id = d.id);
END $$"""


def index(model: str, name: str, fields: list[str], **more: object) -> migrations.AddIndex:
    return migrations.AddIndex(model_name=model, index=models.Index(fields=fields, name=name, **more))


# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("detection", "0006_informing"),
    ]

    operations = [
        PATIENT,
        migrations.AddField("draft", "tell_from", models.DateTimeField(null=True)),
        migrations.AddField("draft", "told_at", models.DateTimeField(null=True)),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
        index(
            "draft",
            "draft_untold",
            ["organisation_id", "tell_from", "created_at", "id"],
            condition=models.Q(("told_at", None), models.Q(("state__in", ("drafted", "discarded")), _negated=True)),
        ),
        index("draft", "draft_told", ["organisation_id", "-told_at"], condition=models.Q(("told_at__isnull", False))),
        index("sending", "sending_recent", ["organisation_id", "created_at"], include=["number"]),
        index("receipt", "receipt_recent", ["organisation_id", "created_at"]),
        index("receivedfeedback", "feedback_recent", ["organisation_id", "created_at"], include=["kind"]),
        index("match", "match_rule", ["organisation_id", "rule"]),
        index("match", "match_list", ["organisation_id", "list_id"]),
        index("outcome", "outcome_of", ["organisation_id", "received_at"], include=["kind", "created_at"]),
        index("candidate", "candidate_state", ["organisation_id", "state", "-urgent", "created_at", "id"]),
    ]
