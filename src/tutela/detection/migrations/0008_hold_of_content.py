"""A hold may ask that the content is not removed either."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("detection", "0007_a_million")]

    operations = [migrations.AddField("receivedfeedback", "content_until", models.DateTimeField(null=True))]
