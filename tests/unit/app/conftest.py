"""The commands are tested with the twin of the media package: no picture is decoded here."""

from __future__ import annotations

from tests.support.fakes import media

media.install()
