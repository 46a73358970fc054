"""A seized phone of the demonstration: generated landscapes, an authorisation, and lists that have some of them."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tutela.app.demo import pictures
from tutela.media import pdq

PROFILE = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/DE/$metadata#Media"
# What stands on a list, what nobody has seen, and what every phone has.
LISTED, EDITED, UNSEEN, LAWFUL = range(101, 104), range(104, 106), range(106, 109), range(109, 111)
# Run in the folder of `write_seized_device`. The viewer is for a person: the first three go without one.
_START = (
    "tutela triage start case --authorisation authorisation.json --known known.json --ignorable NSRL.txt"
    " --writable-source"
)
COMMANDS = (
    _START,
    "tutela triage run case",
    "tutela triage export case --format html -o summary.html",
    "tutela triage grade view case --person 'Katrin Vogel' --key 1=de:1",
)
AUTHORISATION = {
    "person": "Katrin Vogel",
    "authority": "Amtsgericht (invented)",
    "reference": "EX-2026-1",
    "offence": "an invented offence",
    "issued": "2026-11-01",
    "country": "DE",
    "devices": [{"label": "phone", "path": "phone"}],
    "period": {"undated": "read"},
    "file_classes": ["picture", "video", "archive", "other"],
    "privileged": ["*/lawyer/*"],
    "categories": {"vics-de:1": "de:1"},
}


def write_seized_device(folder: Path) -> None:
    """Write `phone/`, `authorisation.json`, `known.json` and `NSRL.txt` into a folder that has none of them.

    Raises FileExistsError, and overwrites nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    phone = folder / "phone"
    phone.mkdir()
    known = [_row(number, _plant(phone / f"downloads/{number}.png", number)) for number in LISTED]
    for number in EDITED:
        original = pictures.landscape(number)
        looks = pdq.hash_pixels(np.asarray(original))[0].hex()
        row = _row(number, pictures.encoded(original))
        known.append(row | {"AlternativeHashes": [{"HashName": "PDQ", "HashValue": looks}]})
        _write(phone / f"messages/{number}.jpg", pictures.encoded(original.resize((720, 480)), "JPEG", 60))
    for number in UNSEEN:
        _write(phone / f"DCIM/100CAMERA/{number}.jpg", _camera_picture(number))
    lawful = [_plant(phone / f"system/wallpaper-{number}.png", number) for number in LAWFUL]
    _plant(phone / "home/lawyer/letter.png", 111)
    _write(phone / "home/note.txt", b"a note")
    _new(folder / "authorisation.json", json.dumps(AUTHORISATION, indent=2))
    _new(folder / "known.json", json.dumps({"@odata.context": PROFILE, "value": known}, indent=1))
    lines = ['"SHA-1","MD5","FileName"', *(f'"{_hex(one, "sha1")}","{_hex(one, "md5")}","wallpaper"' for one in lawful)]
    _new(folder / "NSRL.txt", "\n".join(lines) + "\n")


def _plant(path: Path, number: int) -> bytes:
    return _write(path, pictures.encoded(pictures.landscape(number)))


def _write(path: Path, data: bytes) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return data


def _new(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)


def _camera_picture(number: int) -> bytes:
    """A picture with the facts that a camera writes."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "ExampleCam", "EX-1"
    inner = exif.get_ifd(0x8769)
    inner[0x9003], inner[0xA431], inner[0xA002], inner[0xA003] = "2026:10:01 12:00:00", "SN-1", 960, 640
    out = io.BytesIO()
    pictures.landscape(number).save(out, "JPEG", quality=92, exif=exif.tobytes())
    return out.getvalue()


def _row(number: int, data: bytes) -> dict[str, Any]:
    return {
        "MediaID": number,
        "Category": 1,
        "MD5": _hex(data, "md5").upper(),
        "SHA1": _hex(data, "sha1").upper(),
        "Tags": "tutela-quality=100",
    }


def _hex(data: bytes, kind: str) -> str:
    return hashlib.new(kind, data, usedforsecurity=False).hexdigest()
