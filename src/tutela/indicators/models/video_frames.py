"""Video frames of indicators, their values in the certified set, and proofs of possession.

Frames, sketches and values never change and are removed only by an erasure: triggers enforce this.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.exchange.register.video_frames import MAX_BYTES
from tutela.indicators.models.indicators import Indicator, RegisterModel
from tutela.indicators.models.lifecycle import Certification


class IndicatorFilm(RegisterModel):
    """Frames of an indicator, encrypted together (`register.video_frames`). The proposer's; they are stored with the
    proposal.

    `told` frames were given. Left out are `flat` ones and those that resemble `lawful` pictures or `judged` items.
    `usable` different ones remain.
    """

    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="film")
    sealed = models.BinaryField(max_length=MAX_BYTES + 100)
    seconds = models.FloatField()
    told = models.PositiveIntegerField()
    flat = models.PositiveIntegerField(default=0)
    lawful = models.PositiveIntegerField(default=0)
    judged = models.PositiveIntegerField(default=0)
    usable = models.PositiveIntegerField()
    hasher = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(usable__gte=5), name="enough_frames")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.usable}"


class FilmSketch(RegisterModel):
    """One of the sketches (`blind_index.sketch`) by which films that look alike are found: of all its frames the
    smallest.

    Two copies of a film choose the same frames so, wherever these stand.
    """

    film = models.ForeignKey(IndicatorFilm, on_delete=models.PROTECT, related_name="sketches")
    sketch = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["sketch"], name="film_sketch")]

    def __str__(self) -> str:
        return str(self.film_id)


class FilmValues(RegisterModel):
    """Values of a video's frames in the certified set: 32 bytes for each, stored once per `values` key.

    `seal` as in `HashValue`.
    """

    film = models.ForeignKey(IndicatorFilm, on_delete=models.PROTECT, related_name="values")
    key_id = models.CharField(max_length=64)
    values = models.BinaryField()
    seal = models.BinaryField(max_length=16, default=b"")

    by_function: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["film", "key_id"], name="one_row_a_film_and_key")]
        indexes = [models.Index(fields=["key_id"], name="film_value_unsealed", condition=models.Q(seal=b""))]

    def __str__(self) -> str:
        return str(self.film_id)


class Basis(models.TextChoices):
    """Basis of a certifier's proof that it holds the video."""

    DIGEST = "digest", _("the same file")
    FRAMES = "frames", _("the same video in another file")


class VideoShown(RegisterModel):
    """A certifier showed that it holds the video. Percent: of its own frames, and of the listed ones; `run` on end."""

    certification = models.OneToOneField(Certification, on_delete=models.PROTECT, related_name="shown")
    basis = models.CharField(max_length=8, choices=Basis.choices)
    own_percent = models.PositiveSmallIntegerField(null=True)
    listed_percent = models.PositiveSmallIntegerField(null=True)
    run = models.PositiveIntegerField(null=True)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.certification_id} {self.basis}"
