"""Parse import lines into proposals: JSON Lines as in the API (`schema`) or `tutela hash`, and CSV.

An invalid line reports the field and the reason; the other lines are not affected.
"""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from tutela.events.errors import TutelaError
from tutela.exchange.hash_lists.entry import Left
from tutela.exchange.message.text_cleanup import storable
from tutela.exchange.register.video_frames import MAX_CHARACTERS as MOST_OF_A_VIDEO
from tutela.exchange.register.video_frames import Film
from tutela.indicators.hashes import hash_lines, refusal_counts, validation, video_frames
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports.line_faults import LineFault
from tutela.indicators.imports.schema import ItemIn
from tutela.indicators.models import MediaType
from tutela.indicators.register.provenance import NO_PROVENANCE, Provenance, stated
from tutela.media.pdq import HASHER_ID
from tutela.organisations.table_views.coded_text import coded_text

# Of a line without a video's frames.
MAX_CHARACTERS = hash_lines.MOST_OF_A_PICTURE
SERIES = 16
MEDIA = tuple(MediaType.values)
# A line may state these fields in addition to its hashes; otherwise the import states them for all lines.
_SAID = ("media_type", "classification", "reason", "series")
COLUMNS = ("sha256", "sha1", "md5", "pdq", "quality", *_SAID, "source", "legality")


@dataclass(frozen=True)
class Defaults:
    """Default values for what a line may omit."""

    media_type: str = "image"
    classification: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Proposal:
    """Line that can be proposed. `told`: its own source, which replaces the import's, and the law of countries."""

    line: int
    given: list[HashValue]
    media_type: str
    classification: str
    reason: str
    series: str
    film: video_frames.Passed | None = None
    told: Provenance = NO_PROVENANCE


@dataclass(frozen=True)
class BadLine:
    """A line that cannot, and why: a `LineFault` or the code of an error, with values.

    `lawful`: the reference of lawful pictures refuses it. `ends`: nothing behind it can be read.
    """

    line: int
    field: str
    code: str
    values: Mapping[str, str | int] = dataclasses.field(default_factory=dict)
    lawful: bool = False
    ends: bool = False

    @classmethod
    def of(cls, line: int, error: TutelaError, usual: str) -> BadLine:
        """The line that an error of the register refuses; `usual` is the field where the error names none."""
        return cls(line, error.field or usual, error.code, error.stored_values, refusal_counts.lawful(error))

    @property
    def reason(self) -> str:
        """Reason of the refusal, in the reader's language."""
        return coded_text(LineFault, self.code, self.values)

    def stored(self) -> dict[str, Any]:
        """Return the fields as a row stores them."""
        return {"line": self.line, "field": self.field, "code": str(self.code), "values": dict(self.values)}


def unstorable(number: int, **said: str) -> BadLine | None:
    """A text among these that no database keeps: it would stop a whole batch, and every try of it."""
    wrong = next((name for name, text in said.items() if not storable(text)), None)
    return BadLine(number, wrong, LineFault.CONTROL) if wrong else None


@dataclass
class LineReader:
    """Reads lines of one format."""

    csv: bool
    defaults: Defaults
    permits: Callable[[str], TutelaError | None]
    _columns: list[str] = field(default_factory=list)
    _unmapped: Left = field(default_factory=Left)

    @property
    def unmapped(self) -> list[str]:
        """Columns of a CSV that nothing here understands, and what was cut or left out, with how often."""
        return [*self._columns, *(f"{name} ({count})" for name, count in self._unmapped.names.items())]

    def read(self, lines: Iterable[str]) -> Iterator[Proposal | BadLine]:
        """Yield each line as a proposal, or as the reason why it is none, in order, numbered from 1."""
        if not self.csv:
            yield from (self._json(number, line) for number, line in enumerate(lines, 1) if line.strip())
            return
        rows, number = csv.DictReader(lines, strict=True), 0
        try:
            self._columns = [name for name in rows.fieldnames or () if name not in COLUMNS]
            for number, row in enumerate(rows, 1):
                yield self._row(number, row)
        except csv.Error as error:
            yield BadLine(number + 1, "line", LineFault.CSV, {"detail": str(error)}, ends=True)

    def _json(self, number: int, line: str) -> Proposal | BadLine:
        frames = any(f'"{name}"' in line for name in ("video", "vpdq"))
        most = MOST_OF_A_VIDEO if frames else MAX_CHARACTERS
        if len(line) > most:
            return BadLine(number, "line", LineFault.TOO_LONG, {"most": most})
        try:
            if '"digests"' in line:
                said = hash_lines.read(line)
                return self._whole(number, said.given, {}, said.film)
            read = ItemIn.model_validate(json.loads(line))
            film = read.film()
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            return BadLine(number, ".".join(map(str, first["loc"])), LineFault.DETAIL, {"detail": first["msg"]})
        except TutelaError as error:
            return BadLine.of(number, error, "line")
        except (ValueError, RecursionError):
            return BadLine(number, "line", LineFault.NO_JSON)
        words = {name: str(getattr(read, name)) for name in _SAID}
        return self._whole(number, read.given(), words, film, read.told())

    def _row(self, number: int, row: dict[str, str | None]) -> Proposal | BadLine:
        if None in row or any(row.get(name) is None for name in row):
            return BadLine(number, "line", LineFault.OTHER_COLUMNS)
        quality = (row.get("quality") or "").strip()
        if quality and not (quality.isascii() and quality.isdecimal() and len(quality) < 4):
            return BadLine(number, "quality", LineFault.NUMBER)
        given = [
            HashValue(
                kind,
                (row.get(kind) or "").strip(),
                int(quality or -1) if kind == "pdq" else None,
                HASHER_ID if kind == "pdq" else "",
            )
            for kind in validation.HEX
            if (row.get(kind) or "").strip()
        ]
        try:
            # Semicolons separate several countries in one cell.
            told = Provenance((row.get("source") or "").strip(), stated((row.get("legality") or "").replace(";", "\n")))
        except TutelaError as error:
            return BadLine.of(number, error, "line")
        return self._whole(number, given, {name: (row.get(name) or "").strip() for name in _SAID}, told=told)

    def _whole(
        self,
        number: int,
        given: list[HashValue],
        said: dict[str, str],
        film: Film | None = None,
        told: Provenance = NO_PROVENANCE,
    ) -> Proposal | BadLine:
        media_type = said.get("media_type") or ("video" if film else self.defaults.media_type)
        classification = said.get("classification") or self.defaults.classification
        reason = (said.get("reason") or self.defaults.reason).strip()
        if media_type not in MEDIA:
            return BadLine(number, "media_type", LineFault.CHOICE, {"choices": ", ".join(MEDIA)})
        if not reason:
            return BadLine(number, "reason", LineFault.NO_REASON)
        if bad := unstorable(number, reason=reason, series=said.get("series", "")):
            return bad
        if wrong := self.permits(classification):
            return BadLine.of(number, wrong, "classification")
        try:
            if film is not None and media_type != MediaType.VIDEO:
                return BadLine(number, "media_type", LineFault.FRAMES_OF_VIDEO)
            found = video_frames.passed(film) if film else None
            good = validation.checked(given, found.film.name if found else "")
            told = told.checked() if told.source or told.legality else NO_PROVENANCE
        except TutelaError as error:
            return BadLine.of(number, error, "hashes")
        series = said.get("series", "")
        if len(series) > SERIES:
            # A code that is cut is another code.
            self._unmapped.note(f"series must have at most {SERIES} characters")
            series = ""
        reason = self._unmapped.cut("reason", reason, 300)
        return Proposal(number, good, media_type, classification, reason, series, found, told)
