"""Chain entries and checkpoints. Entries contain hashes only, so they belong to no tenant."""

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
    # Only the sequencer's function writes it; the runtime role may read.
    by_function: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.position)


class PublicLeaf(models.Model):
    """An entry of the public log, in the order in which it is published. `entry` holds no digest and names no person.

    It belongs to an event of the chain, or (`checkpoint`) repeats a signed length of it.
    """

    position = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True, null=True)
    checkpoint = models.BigIntegerField(unique=True, null=True)
    entry = models.BinaryField(max_length=65_535)
    at = models.DateTimeField(default=clock.now)

    insert_only: ClassVar[bool] = True
    by_function: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["-at", "-position"], name="leaf_of_a_day")]

    def __str__(self) -> str:
        return str(self.position)


class AdoptedEntries(models.Model):
    """Entries of the public log that this database lost in a restore: `count` of them from number `at` on."""

    at = models.BigIntegerField(primary_key=True)
    count = models.BigIntegerField()
    made_at = models.DateTimeField(default=clock.now)

    insert_only: ClassVar[bool] = True
    by_function: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.at} +{self.count}"


class WitnessState(models.Model):
    """Last answer of a witness. `size` is the size of the largest log that it has cosigned."""

    name = models.CharField(max_length=200, primary_key=True)
    size = models.BigIntegerField(default=0)
    cosigned_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


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
