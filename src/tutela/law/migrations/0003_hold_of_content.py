"""A hold may ask that the content is not removed either."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("law", "0002_words_sealed")]

    operations = [migrations.AddField("hold", "content_until", models.DateTimeField(null=True))]
