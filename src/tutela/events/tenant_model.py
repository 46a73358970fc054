"""The base of every tenant table, for domains to import: `models.py` files are private, this is the public door."""

from tutela.events.models import TenantModel, unindexed

__all__ = ["TenantModel", "unindexed"]
