"""The index of the inbox has what a look at the inbox asks for."""

from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("investigations", "0010_start_page"),
    ]

    operations = [
        PATIENT,
        migrations.RemoveIndex("referral", "referral_inbox"),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                fields=["organisation_id", "-urgent", "created_at"],
                include=["id", "number", "closed", "withdrawn"],
                name="referral_inbox",
            ),
        ),
    ]
