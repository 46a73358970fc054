from django.db import migrations, models


# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0006_saved_views"),
    ]

    operations = [
        PATIENT,
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                fields=["organisation_id"], condition=models.Q(("answer_status__gte", 300)), name="outbox_refused"
            ),
        ),
    ]
