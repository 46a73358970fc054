"""Lists of others that come as files."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0009_foreign_lists"),
    ]

    operations = [
        migrations.AlterField(
            model_name="foreignlist",
            name="format",
            field=models.CharField(
                choices=[
                    ("hashsharing", "NCMEC Hash Sharing, version 2"),
                    ("stopncii", "StopNCII, version 1"),
                    ("file", "files"),
                ],
                max_length=16,
            ),
        ),
    ]
