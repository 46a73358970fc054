"""Items and accounts named in reports, and the bundles that they form."""

from __future__ import annotations

from django.db import models

from tutela.events.tenant_model import TenantModel, unindexed


class Bundle(TenantModel):
    """One item, shown once, with every report that carries it."""

    organisation_id = unindexed()
    number = models.CharField(max_length=16, unique=True)

    def __str__(self) -> str:
        return self.number


class Item(TenantModel):
    """A piece of media by a keyed hash of its strongest cryptographic digest. Items merge."""

    organisation_id = unindexed()
    blind = models.BinaryField(max_length=32)
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="items")
    # These count the reports of the item decided either way, updated by `history.note`. To count them at every intake
    # would read ten thousand rows of an item that circulates widely.
    relevant = models.IntegerField(default=0)
    not_relevant = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "blind"], name="one_item_a_digest")]

    def __str__(self) -> str:
        return str(self.id)


class Account(TenantModel):
    """A name of an account at a provider, by a keyed hash: how many reports of it were found relevant (`history`)."""

    organisation_id = unindexed()
    provider_id = models.UUIDField()
    blind = models.BinaryField(max_length=16)
    relevant = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "provider_id", "blind"], name="one_account_a_name")
        ]

    def __str__(self) -> str:
        return str(self.id)
