"""Files that claim to be lists of hashes. Run: `python -m tests.fuzz.fuzz_lists [seconds]` from the root."""

from __future__ import annotations

import io
import json
import random

from tests.fuzz.running import run
from tutela.exchange.hash_lists import icse, mapped_columns, stix_reader, vics_reader
from tutela.exchange.hash_lists.entry import Listed, Unreadable

_MEDIUM = {
    "MediaID": 1,
    "MD5": "0123456789ABCDEF0123456789ABCDEF",
    "Category": "1",
    "Series": {"Name": "S"},
    "AlternativeHashes": [{"HashName": "PDQ", "HashValue": "1" * 64}],
    "IsDistributed": "true",
    "MediaSize": "488",
}
_MODEL = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases"
_VICS = json.dumps({"@odata.context": _MODEL, "value": [{"CaseNumber": "x", "Media": [_MEDIUM, _MEDIUM]}, _MEDIUM]})
_ICSE = ";".join(icse.COLUMNS) + "\n0123456789ABCDEF0123456789ABCDEF;;;1001;Yes;no;;S;3;No;Image;Yes\n" * 2
_CSV = "md5,sha1,quality,series\n0123456789ABCDEF0123456789ABCDEF,,50,S\n" * 2
_LINES = '{"md5": "0123456789ABCDEF0123456789ABCDEF", "quality": 50}\n' * 2
_STIX = json.dumps(
    {
        "type": "bundle",
        "objects": [
            {
                "type": "indicator",
                "id": "indicator--1",
                "labels": ["image", "ncmec:A1"],
                "pattern_type": "stix",
                "pattern": "[file:hashes.MD5 = '0123456789abcdef0123456789abcdef' AND file:size > 3]"
                " OR [file:name = 'x']",
            },
            {"type": "file", "id": "file--2", "hashes": {"SHA-256": "2" * 64}, "mime_type": "video/mp4"},
        ],
    }
)
_PIECES = ["{", "}", "[", "]", '"', ",", ":", ";", "\n", "\0", "\ufeff", "null", "1e9", "\\ud800", "9" * 30, "'", "٣"]


def one(seed: int) -> bool:
    """One mutated file; True if every entry of it was taken."""
    rng = random.Random(seed)
    readers = (
        (vics_reader.VicsReader(), _VICS),
        (icse.IcseReader(), _ICSE),
        (stix_reader.StixReader(), _STIX),
        (mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=False), _CSV),
        (mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=True), _LINES),
    )
    reader, text = readers[seed % len(readers)]
    for _ in range(rng.randint(1, 4)):
        at, piece = rng.randrange(len(text)), rng.choice(_PIECES)
        text = text[:at] + piece + text[at + rng.choice([0, 1, len(piece), 30]) :]
    try:
        found = list(reader.read(io.StringIO(text)))
    except Unreadable:
        return False
    for entry in found:
        assert not isinstance(entry, Listed) or (entry.key and len(entry.key) < 256 and any(entry.hashes.values()))
    return all(isinstance(entry, Listed) for entry in found)


if __name__ == "__main__":
    run(one)
