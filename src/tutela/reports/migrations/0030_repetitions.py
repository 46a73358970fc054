"""What a repetition brings: whether it says anything beyond, and packages that supplement another."""

import django.db.models.deletion
from django.db import migrations, models

# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0029_earlier_series"),
    ]

    operations = [
        PATIENT,
        migrations.AddField(
            model_name="report",
            name="brings",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="referral",
            name="supplement_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="supplements",
                to="reports.referral",
            ),
        ),
    ]
