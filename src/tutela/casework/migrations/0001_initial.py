"""What desks share: openings with their terms, alerts with their answers and deliveries."""

import django.db.models.deletion
import tutela.clock
import tutela.events.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("organisation_id", models.UUIDField(editable=False)),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("reason", models.CharField(max_length=12)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_id", "subject_kind"], name="alert_of_subject"),
                    models.Index(fields=["organisation_id", "created_at"], name="alert_raised"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("organisation_id", models.UUIDField(editable=False)),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("answers", models.IntegerField()),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
            ],
            options={
                "indexes": [models.Index(fields=["subject_id", "subject_kind"], name="answer_of_subject")],
            },
        ),
        migrations.CreateModel(
            name="ExposureTerms",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("organisation_id", models.UUIDField(editable=False)),
                ("subject_kind", models.CharField(max_length=40)),
                ("budget", models.SmallIntegerField()),
                ("stop", models.SmallIntegerField()),
                ("in_a_row", models.SmallIntegerField()),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organisation_id", "subject_kind", "-created_at"], name="exposure_terms_newest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("budget__gte", models.F("in_a_row")),
                            ("in_a_row__gte", 1),
                            ("stop__gte", models.F("budget")),
                        ),
                        name="budget_before_stop",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptOpening",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("organisation_id", models.UUIDField(editable=False)),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("by", models.CharField(max_length=80)),
                ("category", models.CharField(blank=True, max_length=20)),
                (
                    "beyond",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("nobody_else", "Nobody else is available to read it"),
                            ("begun", "I have started this case and will finish it"),
                            ("time", "The deadline is before tomorrow"),
                            ("other", "Another reason, agreed with the lead"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["organisation_id", "by", "subject_kind", "-created_at"], name="keptopening_of_person"
                    ),
                    models.Index(fields=["organisation_id", "subject_kind", "created_at"], name="keptopening_of_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("organisation_id", models.UUIDField(editable=False)),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("by", models.CharField(max_length=80)),
                ("category", models.CharField(blank=True, max_length=20)),
                (
                    "beyond",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("nobody_else", "Nobody else is available to read it"),
                            ("begun", "I have started this case and will finish it"),
                            ("time", "The deadline is before tomorrow"),
                            ("other", "Another reason, agreed with the lead"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["organisation_id", "by", "subject_kind", "-created_at"], name="opening_of_person"
                    ),
                    models.Index(fields=["organisation_id", "subject_kind", "created_at"], name="opening_of_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertDelivery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("organisation_id", models.UUIDField(editable=False)),
                ("channel", models.CharField(choices=[("email", "e-mail"), ("webhook", "webhook")], max_length=8)),
                ("attempts", models.IntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("over", models.BooleanField(default=False)),
                ("last_error", models.CharField(blank=True, max_length=200)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="casework.alert"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("over", False), ("told_at", None)),
                        fields=["organisation_id", "channel"],
                        name="delivery_waiting",
                    ),
                    models.Index(fields=["organisation_id", "channel", "-told_at"], name="delivery_told"),
                ],
                "constraints": [models.UniqueConstraint(fields=("alert", "channel"), name="one_delivery_a_channel")],
            },
        ),
        migrations.CreateModel(
            name="DrawnSearch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                ("search_id", models.UUIDField(unique=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SearchCheck",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tutela.events.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=tutela.clock.now, editable=False)),
                ("organisation_id", models.UUIDField(db_index=True, editable=False)),
                (
                    "finding",
                    models.CharField(
                        choices=[
                            ("in_order", "in order"),
                            ("to_clarify", "to be clarified with the organisation"),
                        ],
                        max_length=12,
                    ),
                ),
                ("by", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=200)),
                (
                    "drawn",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="check_row",
                        to="casework.drawnsearch",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
