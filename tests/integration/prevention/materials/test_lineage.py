"""A translated leaflet goes stale with its source, and all languages are renewed in one action."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.cast import Cast
from tests.support.prevention_world import Curators
from tutela.events.errors import Invalid
from tutela.prevention.materials import lineage
from tutela.prevention.materials.lineage import Currency, VersionInput

LEAFLET = VersionInput("Lights", "CC-BY-4.0", "Harbour", text="You can say no. Tell an adult.")


def test_a_leaflet_goes_stale_and_is_renewed_across_languages_at_once(cast: Cast) -> None:
    actor = Curators(cast).first
    source = lineage.enter(actor, LEAFLET, "en")
    german = lineage.enter(actor, replace(LEAFLET, title="Lichter"), "de", source, "translation")
    swedish = lineage.enter(actor, replace(LEAFLET, title="Ljus"), "sv", source, "translation")
    easy = lineage.enter(actor, replace(LEAFLET, title="Lichter leicht"), "de", german, "adaptation")
    assert lineage.edit(actor, source, LEAFLET, "typo") == []
    assert set(lineage.edit(actor, source, LEAFLET, "wording")) == {german, swedish, easy}
    assert [one.currency for one in lineage.tree(actor, source)][1:] == [Currency.STALE] * 3
    renewed = dict.fromkeys((german, swedish, easy), LEAFLET)
    assert lineage.renew(actor, source, renewed) == 3
    assert {one.currency for one in lineage.tree(actor, source)} == {Currency.CURRENT}


def test_a_change_of_substance_withdraws_what_follows(cast: Cast) -> None:
    actor = Curators(cast).first
    source = lineage.enter(actor, LEAFLET, "en")
    german = lineage.enter(actor, LEAFLET, "de", source, "translation")
    lineage.edit(actor, source, LEAFLET, "substance")
    assert [one.currency for one in lineage.tree(actor, source)] == [Currency.CURRENT, Currency.WITHDRAWN]
    with pytest.raises(Invalid):
        lineage.renew(actor, german, {source: LEAFLET})


def test_a_nearly_equal_text_is_found(cast: Cast) -> None:
    actor = Curators(cast).first
    text = " ".join(f"lighthouse {chr(97 + one)}{chr(98 + one)}" for one in range(20))
    made = lineage.enter(actor, replace(LEAFLET, text=text), "en")
    assert made in [one for one, _share in lineage.near_duplicates(actor, "en", text + " more")]
