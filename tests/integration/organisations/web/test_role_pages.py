"""The page of roles."""

from __future__ import annotations

from tests.support.cast import Cast


def test_page_shows_the_roles_of_the_own_kind_and_who_has_them(cast: Cast) -> None:
    cast.person(cast.pixelpost, "lead", name="Priya")
    cast.person(cast.other_provider, "lead", name="Stranger")
    text = cast.client(cast.pixelpost, "reviewer").get("/desk/organisation/roles/").content.decode()
    for label in ("Administrator", "Reviewer", "Lead"):
        assert f"{label}" in text
    assert "Investigator" not in text
    assert "your role" in text
    assert "Priya" in text
    assert "Stranger" not in text
