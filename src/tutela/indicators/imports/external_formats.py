"""Readers of external file formats as proposals: the counterpart of `lines` for formats of others.

The register does not store PhotoDNA or other values that a format may contain; each is named with its count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TextIO

from tutela.events.errors import TutelaError
from tutela.exchange.hash_lists import icse, mapped_columns, stix_reader, vics_reader
from tutela.exchange.hash_lists.entry import VPDQ, BrokenEntry, Left, Listed, Unreadable
from tutela.indicators.hashes import hash_lines, validation, video_frames
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports.line_faults import LineFault
from tutela.indicators.imports.lines import BadLine, Defaults, Proposal, unstorable
from tutela.indicators.models import MediaType
from tutela.media.pdq import HASHER_ID

FORMATS = ("jsonl", "csv", "vics", "icse", "stix")
# The others are one JSON document.
OF_LINES = ("jsonl", "csv", "icse")


class Source(Protocol):
    """A reader of a format."""

    left: Left

    def read(self, file: TextIO) -> Iterator[Listed | BrokenEntry]:
        """Every entry."""
        ...


def source(form: str, mapping: mapped_columns.Mapping | None = None) -> Source:
    """The reader of a format; CSV and JSON Lines by a mapping."""
    if form == "vics":
        return vics_reader.VicsReader()
    if form == "icse":
        return icse.IcseReader()
    if form == "stix":
        return stix_reader.StixReader()
    return mapped_columns.MappedReader(mapping or mapped_columns.Mapping(), lines_of_json=form == "jsonl")


def entries(reader: Source, file: TextIO) -> Iterator[Listed | BrokenEntry]:
    """Yield the reader's entries; a file that becomes unreadable ends with the reason."""
    number = 0
    try:
        for number, one in enumerate(reader.read(file), 1):  # noqa: B007 - needed after the loop
            yield one
    except Unreadable as error:
        yield BrokenEntry(number + 1, "file", str(error))


class ListReader:
    """Reader for `runner`: yields proposals, or reasons why an entry is none, numbered from 1."""

    def __init__(
        self, found: Source, defaults: Defaults, permits: Callable[[str], TutelaError | None], kept: Sequence[str] = ()
    ) -> None:
        """`kept` is what stays with the entry that a proposal is made of, and so is not left out."""
        self._source, self._defaults, self._permits = found, defaults, permits
        self._kept = ("classification", "series", "reason", *kept)
        self._unmapped = Left()

    @property
    def unmapped(self) -> list[str]:
        """Names of what was left out, each with its count."""
        both = [*self._source.left.names.items(), *self._unmapped.names.items()]
        return [f"{name} ({count})" for name, count in both]

    def read(self, lines: Any) -> Iterator[Proposal | BadLine]:
        """Every entry of the file."""
        for number, one in enumerate(entries(self._source, lines), 1):
            yield (_bad(number, one) if isinstance(one, BrokenEntry) else self._proposal(number, one))

    def _proposal(self, number: int, one: Listed) -> Proposal | BadLine:
        for kind in one.hashes:
            if kind not in (*validation.HEX, VPDQ):
                self._unmapped.note(kind)
        self._unmapped.note_rest(one, *self._kept, *(["quality"] if one.first("pdq") else []))
        classification = one.classification
        if not classification or (wrong := self._permits(classification)):
            if classification:
                self._unmapped.note(f"classification {classification}")
            classification = self._defaults.classification
        if wrong := self._permits(classification):
            return BadLine.of(number, wrong, "classification")
        media_type = one.media_type
        if media_type not in MediaType.values:
            self._unmapped.note(f"media type {media_type[:40]}")
            media_type = self._defaults.media_type
        reason = (one.reason or self._defaults.reason).strip()
        if not reason:
            return BadLine(number, "reason", LineFault.NO_REASON)
        if bad := unstorable(number, reason=reason, series=one.series):
            return bad
        try:
            frames = hash_lines.frames_of_vpdq(one.first(VPDQ)) if one.first(VPDQ) else None
            if frames is not None and media_type != MediaType.VIDEO:
                return BadLine(number, "media_type", LineFault.FRAMES_OF_VIDEO)
            found = video_frames.passed(frames) if frames else None
            good = validation.checked(list(_given(one)), found.film.name if found else "")
        except TutelaError as error:
            return BadLine.of(number, error, "hashes")
        series = one.series
        if len(series) > 16:
            self._unmapped.note("series must have at most 16 characters")
            series = ""
        return Proposal(
            number, good, media_type, classification, self._unmapped.cut("reason", reason, 300), series, found
        )


def _bad(number: int, one: BrokenEntry) -> BadLine:
    """Return why an entry is broken.

    The place in the file is added if it has other content between entries, or several entries in one.
    """
    code = LineFault.DETAIL if one.number == number else LineFault.DETAIL_AT
    values: dict[str, str | int] = {"detail": one.reason, "number": one.number}
    return BadLine(number, one.field, code, values, ends=one.field == "file")


def _given(one: Listed) -> Iterable[HashValue]:
    for kind in validation.HEX:
        for value in one.hashes.get(kind, ()):
            looks = kind == "pdq"
            yield HashValue(kind, value, one.quality if looks else None, HASHER_ID if looks else "")
