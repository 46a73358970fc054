"""Groups of the map of Member States: how many reports a state has, as far as the number may be shown."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from tutela.casework.disclosure.rules import LEAST_ON_MAP
from tutela.exchange.message.translatable_text import Term
from tutela.exchange.message.translatable_text import marked as _


class MapGroup(Term):
    """A group of states on the map."""

    MANY = "many", _("50 reports or more")
    FEW = "few", _("fewer than 50 reports")
    NONE = "none", _("no report in this week")
    WITHHELD = "withheld", _("number withheld to protect persons")

    @property
    def tone(self) -> str:
        """The colour of the edge of its tiles: one for every known count, since the map ranks nobody."""
        return {MapGroup.NONE: "quiet", MapGroup.WITHHELD: "warn"}.get(self, "accent")


def group_of(count: int | None) -> MapGroup:
    """The group of a count; None is withheld, which says neither that there is a report nor that there is none."""
    if count is None:
        return MapGroup.WITHHELD
    if count == 0:
        return MapGroup.NONE
    return MapGroup.MANY if count >= LEAST_ON_MAP else MapGroup.FEW


def sign_of(count: int | None) -> str:
    """What stands on the tile and in the table: the number from 50 on, otherwise a sign for the group."""
    group = group_of(count)
    return str(count) if group is MapGroup.MANY else f"{_SIGNS[group]}"


_SIGNS = {MapGroup.FEW: "<50", MapGroup.NONE: "–", MapGroup.WITHHELD: gettext_lazy("withheld")}
