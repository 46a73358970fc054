"""Camera facts: read where a camera writes them, and never more than a wrong value from damaged bytes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.support.pictures import landscape
from tests.support.triage_world import camera_exif
from tutela.forensics.items.exif import CameraFacts, camera_facts

EXIF = camera_exif("2026:10:01 12:30:00", size=(64, 48))


def written(form: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(landscape(1, 64, 48)).save(out, form, exif=EXIF)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_facts_are_read_from_every_format_that_has_exif(form: str) -> None:
    assert camera_facts(written(form)) == CameraFacts("ExampleCam", "EX-1", "SN-1", "2026-10-01T12:30:00", 64, 48)


def test_a_picture_without_exif_has_no_facts() -> None:
    out = io.BytesIO()
    Image.fromarray(landscape(1, 64, 48)).save(out, "PNG")
    assert camera_facts(out.getvalue()) == CameraFacts()


@given(st.integers(0, len(EXIF)), st.binary(max_size=4))
def test_damaged_exif_gives_what_stands_before_the_damage(at: int, patch: bytes) -> None:
    damaged = EXIF[:at] + patch + EXIF[at + len(patch) :]
    assert isinstance(camera_facts(damaged), CameraFacts)
    assert isinstance(camera_facts(EXIF[:at]), CameraFacts)
