"""Who holds the list is shown that what it has is in the set which the log names; nobody else is shown anything."""

from __future__ import annotations

import json
import secrets
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from tests.integration.indicators.integrity.test_verification import _asker
from tests.integration.indicators.register.test_register import _active, _propose, _scheme
from tests.integration.indicators.releases.test_builder import _own_files, manifest
from tests.support.cast import Cast
from tests.support.register import release as publish
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.register.release import LoggedRelease, logged
from tutela.indicators.access import quotas
from tutela.indicators.integrity import active_entries
from tutela.indicators.models import Release
from tutela.indicators.register import revoke
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import certified_set
from tutela.tlog.presence_proof import MOST_PROOFS, Presence, part
from tutela.tlog.verify import Refused

__all__ = ["_own_files", "_scheme"]


def ask(headers: dict[str, str], release: Release, chosen: str) -> Any:
    where = f"/api/v1/releases/{version_files.LIST_ID}/{release.version}/presence/{chosen}"
    return Client().get(where, headers=headers)


def released(cast: Cast) -> Release:
    made = publish(cast.centre)
    assert made is not None
    return made


def check(cast: Cast, release: Release, entry: UUID, shown: list[list[str]]) -> None:
    with acting(cast.centre):
        items, said = part(active_entries.items_of([entry])[entry], 0), logged(certified_set.log_entry(release).data)
    assert isinstance(said, LoggedRelease)
    assert said.values is not None
    root, key = bytes.fromhex(said.values.root), bytes.fromhex(said.values.key)
    for (kind, value), proof in zip(items, shown, strict=True):
        Presence.from_json(proof).check(root, key, kind, value)
        with pytest.raises(Refused):
            Presence.from_json(proof).check(root, key, "sha256", secrets.token_hex(32))


def test_a_stranger_then_the_wrong_organisation(cast: Cast) -> None:
    made = _active(cast)
    release = released(cast)
    assert ask({}, release, f"{made}.0").status_code == 401
    assert ask(cast.key(cast.other_provider, "releases:read"), release, f"{made}.0").status_code == 403
    without = _asker(cast, quotas.MATCH_ID)
    assert ask(cast.key(without, "releases:read"), release, f"{made}.0").status_code == 403, "it opens no list"


def test_whoever_holds_the_list_is_shown_what_is_in_the_set(cast: Cast) -> None:
    first, second = _active(cast), _active(cast)
    release = released(cast)
    key = cast.key(_asker(cast, version_files.LIST_ID), "releases:read")
    shown = ask(key, release, f"{first}.0,{second}.0").json()["proofs"]
    check(cast, release, first, shown[0])
    check(cast, release, second, shown[1])
    with pytest.raises(Refused):
        check(cast, release, first, shown[1])
    with acting(cast.centre):
        assert Event.objects.filter(kind="release.presence_fetched").exists()
    said = manifest(release)
    with acting(cast.centre):
        assert said.hashes == len(certified_set.values(cast.centre)[0])


def test_what_is_not_in_that_version_is_not_shown(cast: Cast) -> None:
    gone = _active(cast)
    before = released(cast)
    revoke.revoke(cast.centre, gone, "Erroneous")
    later, proposed = _active(cast), _propose(cast.hotline_ie)
    after = released(cast)
    key = cast.key(_asker(cast, version_files.LIST_ID), "releases:read")
    assert [ask(key, before, f"{one}.0").status_code for one in (gone, later, proposed)] == [200, 404, 404]
    assert [ask(key, after, f"{one}.0").status_code for one in (gone, later, proposed)] == [404, 200, 404]


@pytest.mark.parametrize("chosen", ["x", "{}", "{}.-1", "{}.x", "{}.99999", ",".join(["{0}.0"] * (MOST_PROOFS + 1))])
def test_nothing_else_is_answered(cast: Cast, chosen: str) -> None:
    made = _active(cast)
    key = cast.key(_asker(cast, version_files.LIST_ID), "releases:read")
    assert ask(key, released(cast), chosen.format(made)).status_code == 404


def test_of_an_entry_that_is_not_there_nothing_is_shown(cast: Cast) -> None:
    _active(cast)
    key = cast.key(_asker(cast, version_files.LIST_ID), "releases:read")
    assert json.loads(ask(key, released(cast), f"{uuid4()}.0").content) == {"proofs": [[]]}
