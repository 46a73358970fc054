"""The Edge is tested with the twin of the media package: no picture is decoded here."""

from __future__ import annotations

from tests.fakes import media

media.install()
