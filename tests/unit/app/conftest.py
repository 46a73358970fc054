"""The commands are tested with the twin of the media package: no picture is decoded here. Each file runs alone too."""

from __future__ import annotations

from tests.support import database
from tests.support.fakes import media

media.install()
database.django()
