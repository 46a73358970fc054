"""What a provider was told is kept with it: the words of a question, and until when a hold lasts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0037_astray"),
    ]

    operations = [
        migrations.AddField("feedbacksent", "reason", models.TextField(blank=True, default="")),
        migrations.AddField("feedbacksent", "until", models.DateTimeField(null=True)),
        migrations.AddField("feedbacksent", "content_until", models.DateTimeField(null=True)),
    ]
