from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0020_handling_choice"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("duplicate_of", None), ("state", "open")),
                fields=["organisation_id", "look_by"],
                name="report_look_by",
            ),
        ),
    ]
