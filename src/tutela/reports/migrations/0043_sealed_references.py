from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0042_retractions")]

    operations = [migrations.AlterField("acknowledgement", "file_reference", models.TextField(blank=True))]
