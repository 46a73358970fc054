"""A hold may ask that the content is not removed either."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("investigations", "0011_inbox")]

    operations = [migrations.AddField("holdrequest", "keep_content", models.BooleanField(default=False))]
