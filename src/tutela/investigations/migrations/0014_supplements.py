"""Which referral a package supplements: what came to the Centre after that one had left."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("investigations", "0013_periods"),
    ]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="supplement_to",
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("supplement_to__isnull", False)),
                fields=["organisation_id", "supplement_to"],
                name="referral_supplements",
            ),
        ),
    ]
