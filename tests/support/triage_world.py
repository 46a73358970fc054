"""A seized device in small: benign generated pictures, edits, archives and noise, and the lists that know some of them.

`truth` says what each planted file must become.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from tests.support.pictures import landscape, texture
from tutela.forensics.case_folder.case import Case
from tutela.media import HasherPool

PROFILE = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/BE/$metadata#Media"


@dataclass
class SeizedDevice:
    """Files of a device by path, lists by role, and the class that each planted path must get."""

    files: dict[str, bytes] = field(default_factory=dict)
    known: list[dict[str, Any]] = field(default_factory=list)
    elsewhere: list[dict[str, Any]] = field(default_factory=list)
    ignorable: list[bytes] = field(default_factory=list)
    truth: dict[str, str] = field(default_factory=dict)

    def plant(self, path: str, data: bytes, item_class: str = "") -> bytes:
        """Put a file on the device."""
        self.files[path] = data
        if item_class:
            self.truth[path] = item_class
        return data

    def write(self, root: Path) -> Path:
        """Write the files into a folder."""
        for path, data in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        return root

    def write_lists(self, folder: Path) -> dict[str, Path]:
        """Write the three lists."""
        found = {
            "known": folder / "known.json",
            "elsewhere": folder / "elsewhere.json",
            "ignorable": folder / "NSRL.txt",
        }
        for role in ("known", "elsewhere"):
            rows = [{"MediaID": number, **one} for number, one in enumerate(getattr(self, role), 1)]
            found[role].write_text(json.dumps({"@odata.context": PROFILE, "value": rows}))
        lines = ['"SHA-1","MD5","FileName"']
        lines += [f'"{_hex(one, "sha1")}","{_hex(one, "md5")}","lawful"' for one in self.ignorable]
        found["ignorable"].write_text("\n".join(lines) + "\n")
        return found


def picture(seed: int, *, form: str = "PNG", size: tuple[int, int] = (320, 240), exif: bytes = b"") -> bytes:
    """A generated landscape in a file."""
    return encoded(landscape(seed, *size), form, exif)


def encoded(pixels: Any, form: str, exif: bytes = b"") -> bytes:
    """Pixels in a file."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **({"exif": exif} if exif else {}))
    return out.getvalue()


def edited(data: bytes, quality: int = 60) -> bytes:
    """The same picture, smaller and compressed again."""
    image, out = Image.open(io.BytesIO(data)).convert("RGB"), io.BytesIO()
    image.resize((image.width * 3 // 4, image.height * 3 // 4)).save(out, "JPEG", quality=quality)
    return out.getvalue()


def camera_exif(taken: str, *, serial: str = "SN-1", size: tuple[int, int] = (320, 240)) -> bytes:
    """EXIF as a camera writes it."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "ExampleCam", "EX-1"
    inner = exif.get_ifd(0x8769)
    inner[0x9003], inner[0xA431], inner[0xA002], inner[0xA003] = taken, serial, *size
    return exif.tobytes()


def seized_device(pool: HasherPool, exact: int = 4, near: int = 4, unknown: int = 4) -> SeizedDevice:
    """Planted exact and near copies, copies in an archive, camera pictures, lawful files, flat pictures, and noise."""
    made = SeizedDevice()
    for number in range(exact):
        data = made.plant(f"home/exact-{number}.png", picture(number), "known")
        made.known.append(vics_row(data, category=1, series="Example" if number == 0 else ""))
    for number in range(near):
        original = picture(1000 + number)
        made.known.append(vics_row(original, category=1, pdq=_pdq(pool, original)))
        made.plant(f"WhatsApp Images/near-{number}.jpg", edited(original), "near_known")
    for number in range(unknown):
        exif = camera_exif(f"2026:10:0{number % 9 + 1} 12:00:00", size=(1800, 1200))
        data = picture(2000 + number, form="JPEG", size=(1800, 1200) if number == 0 else (320, 240), exif=exif)
        made.plant(f"DCIM/100CANON/new-{number}.jpg", data, "unknown")
    data = made.plant("home/elsewhere.png", encoded(texture(7, 256, 256), "PNG"), "known_elsewhere")
    made.elsewhere.append(vics_row(data, category=3))
    data = made.plant("home/no-verdict.png", picture(3001), "known_elsewhere")
    made.elsewhere.append(vics_row(data))
    made.ignorable.append(made.plant("windows/wallpaper.png", picture(4001), "ignorable"))
    # Poisoned: a lawful list that also has a known item.
    made.ignorable.append(made.files["home/exact-0.png"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inner/copy.png", made.files["home/exact-1.png" if exact > 1 else "home/exact-0.png"])
        archive.writestr("lawyer/letter.png", picture(5001))
    made.plant("home/packed.zip", packed.getvalue())
    made.truth["home/packed.zip!inner/copy.png"] = "known"
    made.plant("lawyer/advice.png", picture(5002))
    made.plant("home/flat.png", encoded(landscape(1, 64, 64) * 0 + 90, "PNG"), "unknown")
    made.plant("home/locked.age", b"age-encryption.org/v1\n" + bytes(100), "other")
    made.plant("home/archive.7z", b"7z\xbc\xaf\x27\x1c" + bytes(100))
    made.plant("home/note.txt", b"a note", "other")
    return made


def vics_row(data: bytes, *, category: int | None = None, series: str = "", pdq: str = "") -> dict[str, Any]:
    """An entry of a VICS list."""
    row: dict[str, Any] = {"Category": category, "MD5": _hex(data, "md5").upper(), "SHA1": _hex(data, "sha1").upper()}
    if series:
        row["Series"] = series
    if pdq:
        row["AlternativeHashes"] = [{"HashName": "PDQ", "HashValue": pdq}]
        row["Tags"] = "tutela-quality=100"
    return row


def authorisation(path: Path, *devices: Path, **changes: Any) -> Path:
    """An authorisation for some devices."""
    given = {
        "person": "Ada Officer",
        "authority": "Investigating judge, Brussels",
        "reference": "EX-2026-1",
        "offence": "online child sexual abuse",
        "issued": "2026-11-01",
        "country": "BE",
        "devices": [{"label": f"device {number}", "path": str(one)} for number, one in enumerate(devices, 1)],
        "period": {"undated": "read"},
        "file_classes": ["picture", "video", "archive", "other"],
        "privileged": ["*/lawyer/*"],
        "categories": {"vics-be:1": "be:1", "vics-be:3": "be:3"},
    }
    path.write_text(json.dumps(given | changes))
    return path


def ext4_image(path: Path, source: Path, megabytes: int = 48) -> Path:
    """An ext4 file system with the files of a folder. No mount is needed."""
    with path.open("wb") as file:
        file.truncate(megabytes << 20)
    _call("mkfs.ext4", "-q", "-F", "-d", str(source), str(path))
    return path


def fat_image(path: Path, source: Path, megabytes: int = 48) -> Path:
    """A FAT file system with the files of a folder. No mount is needed."""
    with path.open("wb") as file:
        file.truncate(megabytes << 20)
    _call("mkfs.vfat", str(path))
    for one in sorted(source.iterdir()):
        _call("mcopy", "-i", str(path), "-s", str(one), "::/")
    return path


def bare_item(case: Case, number: int, sha256: str, **changes: Any) -> None:
    """An item of a case whose files no test reads."""
    case.connection.execute("INSERT OR IGNORE INTO device (id, label, path, kind) VALUES (1, 'one', '/', 'folder')")
    case.connection.execute(
        "INSERT INTO file (id, device, path, locator, size, deleted, outside, rank, done)"
        " VALUES (?, 1, ?, x'', 1, 0, '', 2, 1)",
        (number, f"{number}.jpg"),
    )
    row = {
        "file": number, "name": f"{number}.jpg", "size": 1, "md5": sha256[:32], "sha1": sha256[:40], "sha256": sha256,
        "kind": "picture", "format": "JPEG", "width": 640, "height": 480, "frames": 1, "make": "", "model": "",
        "serial": "", "taken": "", "native": 0, "class": "unknown", "category": "", "series": "", "matches": "[]",
        "conflict": 0, "not_examined": "",
    } | changes  # fmt: skip
    places = ", ".join("?" * len(row))
    case.connection.execute(f"INSERT INTO item ({', '.join(row)}) VALUES ({places})", list(row.values()))


def _call(*command: str) -> None:
    path = "/usr/sbin:/sbin:/usr/bin:/bin"
    subprocess.run(command, check=True, capture_output=True, env={"PATH": path, "MTOOLS_SKIP_CHECK": "1"})


def _hex(data: bytes, kind: str) -> str:
    return hashlib.new(kind, data, usedforsecurity=False).hexdigest()


def _pdq(pool: HasherPool, data: bytes) -> str:
    hashed = pool.hash_bytes(data, tenant="list")
    return str(hashed.frames[0].pdq.hex())  # type: ignore[union-attr]
