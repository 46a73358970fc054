"""One person's proposals can be held, and not only those of a whole organisation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0003_drill_members"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="hold",
            name="hold_of_a_known_kind",
        ),
        migrations.AlterField(
            model_name="hold",
            name="kind",
            field=models.CharField(
                choices=[
                    ("proposals", "proposals"),
                    ("person", "one person's proposals"),
                    ("disputes", "disputes"),
                    ("feedback", "false positives"),
                    ("indicator", "an unusual proposal"),
                    ("import", "an unusual import"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["proposals", "person", "disputes", "feedback", "indicator", "import"])
                ),
                name="hold_of_a_known_kind",
            ),
        ),
    ]
