from django.db import migrations, models

# Frames were left out until now, and so was what a provider's Edge says of a picture: its one hash is that of frame 0.
WAITING = """
DO $$ BEGIN
  UPDATE reports_report SET to_compare = created_at WHERE erased_at IS NULL AND to_compare IS NULL;
END $$"""


# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0021_look_by"),
    ]

    operations = [
        PATIENT,
        migrations.AddField(
            model_name="near",
            name="what",
            field=models.CharField(
                choices=[
                    ("picture", "similar picture"),
                    ("video", "similar video"),
                    ("frame", "like a frame of a video"),
                ],
                default="picture",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="near",
            name="percent",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="near",
            name="other_percent",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
    ]
