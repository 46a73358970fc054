"""Two vintages of one table tell nothing of few persons by their difference."""

from __future__ import annotations

from tutela.observatory.definitions.units import Missing
from tutela.observatory.operations import vintages


def test_a_change_of_few_persons_is_withheld_and_others_are_not() -> None:
    earlier = {"AT": 20, "BE": 30, "BG": 40, "CY": Missing.SUPPRESSED}
    later = {"AT": 21, "BE": 38, "BG": 40, "CY": 12, "CZ": 9}
    assert vintages.withheld(earlier, later, 5) == {"AT": 1}


def test_a_fall_tells_as_much_as_a_rise() -> None:
    assert vintages.withheld({"AT": 20}, {"AT": 17}, 5) == {"AT": -3}
    assert vintages.withheld({"AT": 20}, {"AT": Missing.SUPPRESSED}, 5) == {}
