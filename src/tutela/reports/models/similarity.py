"""Similar items: sealed perceptual hashes of each item, and pairs found near each other."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from tutela.events.tenant_model import TenantModel, unindexed
from tutela.reports.models.items import Item
from tutela.reports.models.reports import Report


class What(StrEnum):
    """Kinds of visual similarity."""

    PICTURE = "picture"
    VIDEO = "video"
    FRAME = "frame"


DISTANCE_LIMITS = {
    What.PICTURE.value: gettext_noop("similar picture, distance %(distance)s"),
    What.VIDEO.value: gettext_noop("similar video, distance %(distance)s"),
    What.FRAME.value: gettext_noop("similar to a frame of a video, distance %(distance)s"),
}


def rank(what: str, distance: int) -> tuple[bool, int]:
    """Sort by significance: the whole before a frame, then the nearer one."""
    return what == What.FRAME, distance


class Look(TenantModel):
    """PDQ hashes of an item: one of a picture, or those of a video's different frames in sequence.

    They are sealed by the key of a report that carries the item. `number` is a running number.
    """

    organisation_id = unindexed()
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="looks")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="looks")
    blind = models.BinaryField(max_length=32)
    sealed = models.BinaryField()
    number = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "blind"], name="one_look_an_item"),
            models.UniqueConstraint(fields=["organisation_id", "number"], name="one_look_a_number"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Near(TenantModel):
    """Two items that look alike, so many bits apart, with a report of each: what explains a bundle.

    Of two videos, how many percent of the frames of each look like one of the other's.
    """

    WHAT: ClassVar = [
        (What.PICTURE.value, gettext_lazy("similar picture")),
        (What.VIDEO.value, gettext_lazy("similar video")),
        (What.FRAME.value, gettext_lazy("similar to a frame of a video")),
    ]

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="near")
    other_item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="near")
    other = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="near_of")
    distance = models.SmallIntegerField()
    what = models.CharField(max_length=8, choices=WHAT, default=What.PICTURE.value)
    percent = models.SmallIntegerField(null=True)
    other_percent = models.SmallIntegerField(null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "other_item"], name="one_near_a_pair")]

    def __str__(self) -> str:
        return str(self.distance)

    @property
    def rank(self) -> tuple[bool, int]:
        return rank(self.what, self.distance)

    def words(self) -> str:
        """Description of the similarity: kind and degree."""
        if self.percent is None or self.other_percent is None:
            return _(DISTANCE_LIMITS[self.what]) % {"distance": self.distance}
        least, most = sorted((self.percent, self.other_percent))
        return _(
            "similar video, distance %(distance)s: %(least)s and %(most)s percent of their frames are visually similar"
        ) % {"distance": self.distance, "least": least, "most": most}
