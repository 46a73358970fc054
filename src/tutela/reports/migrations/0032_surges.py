"""Where else a surge shows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0031_drawing"),
    ]

    operations = [
        migrations.AddField(model_name="surge", name="shows", field=models.JSONField(default=list)),
    ]
