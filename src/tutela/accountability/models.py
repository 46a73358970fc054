"""The chain and its checkpoints. Entries carry hashes alone, so they belong to no tenant."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela import clock


class Entry(models.Model):
    """An event's place: `head` = SHA-256(head before ‖ leaf); `leaf` commits to every column of the event."""

    position = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    leaf = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.position)


class Checkpoint(models.Model):
    """A signed note of length and head."""

    position = models.BigIntegerField(primary_key=True)
    head = models.BinaryField(max_length=32)
    at = models.DateTimeField(default=clock.now)
    key_id = models.CharField(max_length=64)
    signature = models.BinaryField(max_length=64)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.position)
