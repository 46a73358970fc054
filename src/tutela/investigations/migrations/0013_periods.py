"""By which edition of the periods it was reckoned what of a referral is the next to be gone."""

from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("investigations", "0012_hold_of_content"),
    ]

    operations = [
        PATIENT,
        migrations.AddField(
            model_name="referral",
            name="perishes_by",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["organisation_id", "perishes_by"], name="referral_perishes_by"),
        ),
    ]
