"""Base of every tenant table, for domains to import.

`models.py` files are private; this module is the public import path.
"""

from tutela.events.models import TenantModel, unindexed

__all__ = ["TenantModel", "unindexed"]
