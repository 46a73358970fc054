"""Groups of the map of Member States: how many reports a state has, as far as the number may be shown."""

from __future__ import annotations

from tutela.casework.disclosure.rules import LEAST_ON_MAP
from tutela.exchange.message.translatable_text import Term
from tutela.exchange.message.translatable_text import marked as _


class MapGroup(Term):
    """A group of states on the map."""

    MANY = "many", _("50 reports or more")
    FEW = "few", _("fewer than 50 reports, or not published")
    NONE = "none", _("no report in this week")

    @property
    def tone(self) -> str:
        """The colour of the edge of its tiles."""
        return {MapGroup.MANY: "accent", MapGroup.FEW: "warn", MapGroup.NONE: "quiet"}[self]


def group_of(count: int | None) -> MapGroup:
    """The group of a published count; None is not published."""
    if count == 0:
        return MapGroup.NONE
    return MapGroup.MANY if count is not None and count >= LEAST_ON_MAP else MapGroup.FEW


def sign_of(count: int | None) -> str:
    """What stands on the tile: the number from 50 on."""
    group = group_of(count)
    return str(count) if group is MapGroup.MANY else {MapGroup.FEW: "<50", MapGroup.NONE: "–"}[group]
