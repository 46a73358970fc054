"""The order of triage of reports of a rarer kind."""

from django.db import migrations, models

ORDER = ["-urgent", "lane", "-urgency", "-relevance_order", "created_at", "id"]
# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0025_outcomes_with_children"),
    ]

    operations = [
        PATIENT,
        *(
            migrations.AddIndex(
                model_name="report",
                index=models.Index(
                    fields=["organisation_id", *ORDER],
                    include=["bundle", "state", "duplicate_of"],
                    condition=models.Q(("kinds__contains", [kind])),
                    name=f"report_{kind}",
                ),
            )
            for kind in ("new", "solicitation")
        ),
    ]
