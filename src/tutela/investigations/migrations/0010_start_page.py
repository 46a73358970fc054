"""What an authority's start page counts is read from indexes alone; what was withdrawn or given back has its own."""

from django.db import migrations, models

COUNTED = ["team", "urgent", "perishes_at", "acknowledged", "closed", "withdrawn", "given_back"]


def index(model: str, name: str, fields: list[str], **more: object) -> migrations.AddIndex:
    return migrations.AddIndex(model_name=model, index=models.Index(fields=fields, name=name, **more))


# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("investigations", "0009_where_it_stands"),
    ]

    operations = [
        PATIENT,
        migrations.RemoveIndex("referral", "referral_counted"),
        index("referral", "referral_counted", ["organisation_id", "created_at"], include=["id", *COUNTED]),
        index(
            "referral",
            "referral_withdrawn",
            ["organisation_id", "-urgent", "created_at"],
            condition=models.Q(("withdrawn", True)),
        ),
        index(
            "referral",
            "referral_returned",
            ["organisation_id", "-urgent", "created_at"],
            condition=models.Q(("given_back", True)),
        ),
        index("outcome", "outcome_newest", ["organisation_id", "id"], include=["kind", "referral", "created_at"]),
    ]
