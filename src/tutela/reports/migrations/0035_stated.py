"""Draws say age group and gender where the report states them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0034_to_send"),
    ]

    operations = [
        migrations.AddField(model_name="draw", name=name, field=models.CharField(blank=True, default="", max_length=8))
        for name in ("account_age", "account_gender", "child_age", "child_gender")
    ]
