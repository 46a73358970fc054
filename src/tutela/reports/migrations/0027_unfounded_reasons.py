"""Why a report is unfounded, as a code. What was decided before has none, and is not asked for one."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

CODES = [
    "not_sexual",
    "adults",
    "family_or_medical",
    "art_or_education",
    "no_person",
    "other_item",
    "filed_by_mistake",
    "empty",
    "centre_error",
    "other",
]
# A node may have a million of them; a statement of its work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0026_kinds"),
    ]

    operations = [
        PATIENT,
        *(
            migrations.AddField(model, "reason_code", models.CharField(blank=True, default="", max_length=20))
            for model in ("assessment", "feedbackheld")
        ),
        migrations.AddConstraint(
            "assessment",
            models.CheckConstraint(
                condition=models.Q(
                    ("reason_code", ""),
                    models.Q(("decision__in", ("unfounded", "erroneous")), ("reason_code__in", CODES)),
                    _connector="OR",
                ),
                name="a_code_says_why_not",
            ),
        ),
        AddConstraintNotValid(
            "assessment",
            models.CheckConstraint(
                condition=models.Q(("decision", "unfounded"), ("reason_code", ""), _negated=True),
                name="unfounded_says_why",
            ),
        ),
        migrations.AddIndex(
            "assessment",
            models.Index(
                fields=["organisation_id", "created_at"],
                include=["report", "reason_code"],
                condition=models.Q(("decision", "unfounded")),
                name="assessment_unfounded",
            ),
        ),
    ]
