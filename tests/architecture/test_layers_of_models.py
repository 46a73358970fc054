"""Foreign keys point downwards, like imports, and name another floor's table as a string."""

from __future__ import annotations

from django.apps import apps
from django.db import models

# From the ground up; siblings share a number.
FLOOR = {
    "events": 0,
    "organisations": 1,
    "law": 2,
    "accountability": 3,
    "casework": 4,
    "indicators": 5,
    "prevention": 5,
    "reports": 6,
    "detection": 6,
    "takedown": 7,
    "redress": 8,
    "investigations": 7,
    "victims": 8,
    "observatory": 9,
}


def test_foreign_keys_point_to_the_same_domain_or_a_lower_floor() -> None:
    wrong = []
    for model in apps.get_models():
        if not model.__module__.startswith("tutela."):
            continue
        here = FLOOR[model._meta.app_label]
        for field in model._meta.get_fields():
            target = getattr(field, "remote_field", None)
            if not isinstance(field, models.ForeignKey) or target is None or target.model is None:
                continue
            label = target.model._meta.app_label
            if label in FLOOR and label != model._meta.app_label and FLOOR[label] >= here:
                wrong.append(f"{model._meta.label}.{field.name} -> {label}")
    assert not wrong
