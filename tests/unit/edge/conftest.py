"""The Edge is tested with the twin of the media package: no picture is decoded here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fakes import media

media.install()

from tests.support.edge_centre import NOW, Centre, Edge  # noqa: E402 - what they import is decided above
from tutela import clock  # noqa: E402


@pytest.fixture
def at_now() -> Iterator[None]:
    """The moment at which the Centre's releases are young."""
    with clock.simulate(NOW):
        yield


@pytest.fixture
def centre() -> Centre:
    """A Centre that has released its first version, of three entries."""
    made = Centre()
    made.publish(3, 1)
    return made


@pytest.fixture
def edge(centre: Centre, tmp_path: Path) -> Edge:
    """An Edge that has fetched it."""
    made = Edge(centre, tmp_path / "state")
    assert made.sync.poll(), made.alerts
    return made
