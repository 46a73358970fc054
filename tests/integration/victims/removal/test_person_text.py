"""What a person reads of their own removal request: pictures by their numbers, and no hash."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest

from tests.support.cast import Cast
from tests.support.removal_world import Removal, digests, forget_limits
from tutela.casework.anonymous import proof_of_work


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    forget_limits()
    yield Removal(cast)
    forget_limits()


def test_the_status_page_has_numbers_in_place_of_hashes(world: Removal) -> None:
    files = [digests(), digests()]
    person = world.asks(*files)
    page = person.page()
    assert not [value for one in files for value in one.values() if value in page]
    assert 'class="written">Picture 1<' in page
    assert 'class="written">Picture 2<' in page


def test_a_hash_that_somebody_typed_is_not_shown_and_an_address_stays_whole(world: Removal) -> None:
    person, typed, name = world.asks(), secrets.token_hex(32), secrets.token_hex(16)
    visitor = person.visitor()
    shown = visitor.enters(person.number, person.passphrase)
    shown = visitor.post(
        "answers/add/",
        {
            **_first_form(shown.content.decode()),
            "text": f"sha256 {typed}\nIt is {typed} at\nhttps://host.example/{name}",
        },
    )
    page = shown.content.decode()
    assert typed not in page
    assert "It is … at" in page
    assert f"https://host.example/{name}" in page
    assert typed not in person.page()


def test_the_parts_of_a_long_video_are_one_picture(world: Removal) -> None:
    person = world.asks()
    for _ in range(2):
        world.sends(digests(), reader=person.reader, file="00" * 8, video=True)
    world.read()
    assert person.page().count('class="written">Picture 2<') == 2


def _first_form(page: str) -> dict[str, str]:
    """The form for a further message, with its proof."""
    form = page[page.index('/answers/add/"') :]
    form = form[: form.index("</form>")]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    nonce = re.search(r'data-work="(\w+)"', form)
    assert nonce
    return hidden | {"proof": proof_of_work.solve(nonce[1])}
