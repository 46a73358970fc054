"""Files that show a known picture in an unusual or damaged form, and what Chromium shows of them.

A *mutant* is a picture of `tests/support/pictures.py` written in one format and changed in one named way (its *kind*):
a chunk, a marker, a length, a checksum, an order, a cut, something appended or wrapped around it. Kinds know the
format's structure; everything is drawn from seeds. `chromium` shows mutants in a browser, `judging` compares that with
our hash.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

from tests.support.mutations import avif, bmp, gif, ico, jpeg, mp4, png, svg, webm, webp
from tests.support.mutations.pieces import Format

FORMATS: tuple[Format, ...] = tuple(module.FORMAT for module in (png, jpeg, gif, webp, bmp, ico, avif, svg, mp4, webm))
# So many pictures are written in each format; mutants of one format take them in turn.
PICTURES = 4


@dataclass(frozen=True, slots=True)
class Mutant:
    """One file. `picture` is the number of the picture that it was made of."""

    format: str
    kind: str
    picture: int
    data: bytes
    mime: str


def mutants(wanted: int, seed: int = 0, formats: tuple[Format, ...] = FORMATS) -> Iterator[Mutant]:
    """So many mutants, the formats in turn and the kinds of each in an order of its own."""
    return islice(_turns([_of(one, seed) for one in formats]), wanted)


def _turns(each: list[Iterator[Mutant]]) -> Iterator[Mutant]:
    while True:
        for one in each:
            yield next(one)


def _of(format_: Format, seed: int) -> Iterator[Mutant]:
    for turn in count():
        picture = turn % PICTURES
        rng = random.Random(f"{format_.name}:{seed}:{turn}")
        kinds = format_.kinds(format_.write(picture))
        names = list(kinds)
        rng.shuffle(names)
        for name in names:
            data = kinds[name](random.Random(f"{format_.name}:{seed}:{turn}:{name}"))
            yield Mutant(format_.name, name, picture, data, format_.mime)
