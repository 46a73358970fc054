# Tables of the loop of practice and research, of materials, campaigns and training.

import django.contrib.postgres.fields
import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("prevention", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PolicyBrief",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("claims", models.JSONField(default=list)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
            ],
            options={"ordering": ["-created_at", "-id"]},
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("number", models.CharField(max_length=20, unique=True)),
                ("conversation_id", models.UUIDField(null=True, unique=True)),
                ("wording", models.CharField(blank=True, max_length=400)),
                ("language", models.CharField(default="en", max_length=2)),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("before", "before an offence"),
                            ("proceedings", "during proceedings"),
                            ("custody", "in custody"),
                            ("after", "after release"),
                            ("children", "children"),
                            ("bystanders", "parents, professionals and bystanders"),
                            ("situational", "places and organisations"),
                            ("online", "online services"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worried", "adults who worry about their thoughts or behaviour"),
                            ("offended", "adults who offended"),
                            ("young", "young people with harmful sexual behaviour"),
                            ("children", "children"),
                            ("disabled", "children with disabilities"),
                            ("parents", "parents and relatives"),
                            ("professionals", "professionals and volunteers"),
                            ("public", "the public"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked"),
                            ("open", "open: no study answers it"),
                            ("taken", "taken by a researcher"),
                            ("answered", "answered"),
                            ("not_known", "answered: nobody knows"),
                            ("used", "answer used"),
                            ("not_used", "answer not used"),
                            ("merged", "joined with another question"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="prevention.question",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["organisation_id", "state", "asked_at"], name="question_queue")]},
        ),
        migrations.CreateModel(
            name="QuestionStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked"),
                            ("open", "open: no study answers it"),
                            ("taken", "taken by a researcher"),
                            ("answered", "answered"),
                            ("not_known", "answered: nobody knows"),
                            ("used", "answer used"),
                            ("not_used", "answer not used"),
                            ("merged", "joined with another question"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("researcher", models.CharField(blank=True, max_length=200)),
                (
                    "entries",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None),
                ),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="prevention.question"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="prevention.study",
                    ),
                ),
            ],
            options={"ordering": ["created_at", "id"]},
        ),
        migrations.CreateModel(
            name="Material",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                (
                    "relation",
                    models.CharField(
                        choices=[("source", "source"), ("translation", "translation"), ("adaptation", "adaptation")],
                        default="source",
                        max_length=11,
                    ),
                ),
                ("language", models.CharField(max_length=2)),
                (
                    "derived_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="derived",
                        to="prevention.material",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="MaterialVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("number", models.PositiveIntegerField()),
                (
                    "change",
                    models.CharField(
                        choices=[
                            ("first", "first version"),
                            ("typo", "misprint"),
                            ("wording", "wording"),
                            ("substance", "substance or safety"),
                        ],
                        max_length=9,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("link", models.CharField(blank=True, max_length=300)),
                ("licence", models.CharField(max_length=80)),
                ("owner", models.CharField(max_length=200)),
                ("text", models.TextField(blank=True)),
                (
                    "variants",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("disability", "children with disabilities"),
                                ("migration", "children in migration"),
                                ("care", "children in care"),
                                ("very_young", "very young children"),
                            ],
                            max_length=10,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("accessible", models.CharField(blank=True, max_length=300)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "follows",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="prevention.materialversion",
                    ),
                ),
                (
                    "material",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="prevention.material"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("material", "number"), name="one_material_version")]
            },
        ),
        migrations.CreateModel(
            name="CampaignPlan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("title", models.CharField(max_length=200)),
                ("aim", models.CharField(max_length=300)),
                ("audience", models.CharField(max_length=300)),
                ("audience_size", models.PositiveIntegerField(null=True)),
                ("message", models.TextField()),
                ("channel", models.CharField(max_length=200)),
                ("theory", models.TextField()),
                ("measure", models.CharField(blank=True, max_length=300)),
                (
                    "design",
                    models.CharField(
                        choices=[
                            ("none", "not measured"),
                            ("reach", "reach counted"),
                            ("after", "survey afterwards"),
                            ("before_after", "survey before and after"),
                            ("comparison", "before and after, with a comparison region"),
                            ("time_series", "interrupted time series"),
                            ("stepped", "stepped wedge"),
                        ],
                        max_length=12,
                    ),
                ),
                ("sample", models.PositiveIntegerField(null=True)),
                ("points_before", models.PositiveSmallIntegerField(null=True)),
                ("base_rate", models.FloatField(null=True)),
                ("smallest_difference", models.FloatField(null=True)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="CampaignResult",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("label", models.CharField(max_length=10)),
                ("statement", models.TextField()),
                ("estimate", models.FloatField(null=True)),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("answered", models.PositiveIntegerField(null=True)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="prevention.campaignplan",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="TrainingReturn",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("country", models.CharField(max_length=2)),
                ("region", models.CharField(blank=True, max_length=80)),
                (
                    "profession",
                    models.CharField(
                        choices=[
                            ("police", "police"),
                            ("prosecutors", "prosecutors"),
                            ("judges", "judges"),
                            ("teachers", "teachers"),
                            ("health", "health care"),
                            ("social", "social work"),
                            ("coaches", "sports coaches"),
                            ("child_care", "child care"),
                        ],
                        max_length=12,
                    ),
                ),
                ("course", models.CharField(max_length=200)),
                ("headcount", models.PositiveIntegerField(null=True)),
                ("trained", models.PositiveIntegerField()),
                ("trained_on", models.DateField()),
                ("valid_months", models.PositiveSmallIntegerField(default=36)),
                ("source", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["country", "region", "profession", "course", "-created_at"], name="training_newest"
                    )
                ]
            },
        ),
    ]
