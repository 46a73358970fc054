"""Files that claim to be texts for users. Run: `python -m tests.fuzz.fuzz_texts [seconds]` from the root."""

from __future__ import annotations

import random
from datetime import date

from tests.fuzz.running import run
from tests.support.reporting import report
from tutela.detection.notices.paragraphs import About, given_back, paragraphs
from tutela.detection.notices.sentences import TEXTS_FOLDER, BadText, Language, Sentences, parsed

_GIVEN = report()
_TEXT = (TEXTS_FOLDER / "de.toml").read_bytes()
_PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"'''",
    b"\n",
    b"\0",
    b"\xff",
    b"{day}",
    b"{how!r}",
    b"{d:9}",
    b"=",
    b"a.b = 1\n",
]
_PIECES += [b"#", b"\\u00a0", b"\xe2\x80\xae", b"1979-05-27", b"[adult]\n"]


def one(seed: int) -> bool:
    """One mutated file; True if it was taken: then every text of it is whole."""
    rng = random.Random(seed)
    data = _TEXT
    for _ in range(rng.randint(1, 3)):
        at, piece = rng.randrange(len(data)), rng.choice(_PIECES)
        data = data[:at] + piece + data[at + rng.choice([0, 1, len(piece), 60]) :]
    try:
        said = parsed(data)
    except BadText:
        return False
    fields = {name: getattr(said, name) for name in Sentences.model_fields}
    language = Language(code="de", own=True, **fields)
    for audience in ("adult", "teenager", "child"):
        about = About(_GIVEN, date(2026, 3, 1), unfounded=seed % 2 == 0)
        found = paragraphs(language, audience, about) + given_back(language, audience, about)
        assert all(text.strip() and "\n" not in text for text in found)
    return True


if __name__ == "__main__":
    run(one)
