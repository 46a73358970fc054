"""Lists of others that are passed on, and proposals out of them."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0012_match_service"),
    ]

    operations = [
        migrations.CreateModel(
            name="ForeignGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("grantee_id", models.UUIDField(db_index=True)),
                ("slug", models.CharField(max_length=63)),
                ("name", models.CharField(max_length=120)),
                ("source", models.CharField(max_length=80)),
                ("purpose", models.CharField(max_length=40)),
                ("legal_basis", models.CharField(max_length=120)),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField()),
                ("by", models.CharField(max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
                ("fetched_at", models.DateTimeField(null=True)),
                ("fetched_version", models.BigIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ForeignHead",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("sequence", models.BigIntegerField(default=0)),
                ("version", models.BigIntegerField(default=0)),
                ("removed", models.IntegerField(default=0)),
                ("signed_at", models.DateTimeField(null=True)),
                ("envelope", models.BinaryField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ForeignProposing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("run_id", models.UUIDField()),
                ("chosen", models.TextField(blank=True)),
                ("classification", models.CharField(max_length=80)),
                ("reason", models.CharField(max_length=300)),
                ("quality", models.SmallIntegerField(null=True)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                ("accepted", models.IntegerField(default=0)),
                ("refused", models.IntegerField(default=0)),
                ("reasons", models.TextField(blank=True)),
                ("unmapped", models.TextField(blank=True)),
                ("reached", models.UUIDField(null=True)),
                ("lines", models.BigIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="ForeignRelease",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("version", models.BigIntegerField()),
                ("manifest", models.BinaryField()),
                ("entries", models.IntegerField()),
                ("snapshot_sha256", models.CharField(max_length=64)),
                ("read_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="foreignentry",
            name="changed_at",
            field=models.DateTimeField(default=tutela.clock.now),
        ),
        migrations.AddIndex(
            model_name="foreignentry",
            index=models.Index(fields=["list", "changed_at"], name="foreign_changed"),
        ),
        migrations.AddField(
            model_name="foreigngrant",
            name="list",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="indicators.foreignlist"
            ),
        ),
        migrations.AddField(
            model_name="foreignhead",
            name="list",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="head", to="indicators.foreignlist"
            ),
        ),
        migrations.AddField(
            model_name="foreignproposing",
            name="list",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="proposings", to="indicators.foreignlist"
            ),
        ),
        migrations.AddField(
            model_name="foreignrelease",
            name="list",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="releases", to="indicators.foreignlist"
            ),
        ),
        migrations.AddIndex(
            model_name="foreignproposing",
            index=models.Index(fields=["list", "-created_at"], name="proposing_recent"),
        ),
        migrations.AddIndex(
            model_name="foreignproposing",
            index=models.Index(fields=["organisation_id", "run_id"], name="proposing_runs"),
        ),
        migrations.AddConstraint(
            model_name="foreignrelease",
            constraint=models.UniqueConstraint(fields=("list", "version"), name="one_foreign_release_a_version"),
        ),
    ]
