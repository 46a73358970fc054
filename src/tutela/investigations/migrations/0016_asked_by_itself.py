"""Whose turn was taken by a question that is under way, and on which day one was passed on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("investigations", "0015_early_withdrawals"),
    ]

    operations = [
        migrations.AddField(
            model_name="askedquestion",
            name="passed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="heldidentifier",
            name="under_way",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="investigations.askedquestion",
            ),
        ),
    ]
