from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("investigations", "0016_asked_by_itself")]

    operations = [
        migrations.AlterField("acknowledgement", "file_reference", models.TextField(blank=True)),
        migrations.AlterField("heldidentifier", "file_reference", models.TextField()),
    ]
