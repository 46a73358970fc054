"""Versions of the register's policy, and the start of their notice periods."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class PolicyVersion(models.Model):
    """A version of the register's policy, as it was signed. A function alone adds one: the next number, with notice."""

    version = models.BigIntegerField(primary_key=True)
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    categories = ArrayField(models.CharField(max_length=80))
    organisations = models.SmallIntegerField()
    jurisdictions = models.SmallIntegerField()
    binds_from = models.DateTimeField()
    made_at = models.DateTimeField()

    insert_only: ClassVar[bool] = True
    by_function: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.version)


class PolicyNotice(models.Model):
    """Start of a version's notice period.

    The public log holds the version, with no later date in its entry.
    """

    version = models.BigIntegerField(primary_key=True)
    since = models.DateTimeField()

    insert_only: ClassVar[bool] = True
    by_function: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.version)
