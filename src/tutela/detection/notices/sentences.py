"""Sentences of user notices, one file per language: built in for the 24 EU languages, or custom.

A custom file comes from the operator. A file is checked as a whole when it is read, before any user is notified: every
key, every placeholder, nothing empty. `read_by` names the speaker who checked the file; empty if nobody has.
`translates` is the digest of the English sentences that the file was translated from (`source_digest`). If they have
changed since, the translation is stale, and the desk says so.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from tutela.exchange.message.field_types import printable

TEXTS_FOLDER = Path(__file__).parents[1] / "texts" / "informing"
# The language that all others are translated from.
SOURCE = "en"
NAME = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*\.toml")
# Ours have four kilobytes; a file of another size is something else.
MOST_BYTES = 64 * 1024


class BadText(ValueError):
    """A file of texts for users cannot be used."""


def _holding(*wanted: str) -> Callable[[str], str]:
    """Return a check that a sentence is not empty, has one line and exactly these placeholders."""

    def check(text: str) -> str:
        if "\n" in printable(text):
            raise ValueError("must be one line")
        try:
            parts = list(Formatter().parse(text))
        except ValueError:
            raise ValueError("contains a brace that is not part of a placeholder") from None
        found = {
            name + (f"!{how}" if how else "") + (f":{spec}" if spec else ""): None
            for _, name, spec, how in parts
            if name is not None
        }
        for name in found:
            if name not in wanted:
                raise ValueError(f"{{{name}}} is not a placeholder of this sentence")
        for name in wanted:
            if name not in found:
                raise ValueError(f"must contain {{{name}}}")
        return text

    return check


type Plain = Annotated[str, Field(max_length=1000), AfterValidator(_holding())]
type Reported = Annotated[str, Field(max_length=1000), AfterValidator(_holding("day", "service"))]
type Manner = Annotated[str, Field(max_length=1000), AfterValidator(_holding("how"))]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Dates(_Part):
    """Format of a date within `reported`; `first` is the first of a month, and months are in the case needed."""

    written: Annotated[str, Field(max_length=100), AfterValidator(_holding("d", "month", "y"))]
    first: Plain
    months: Annotated[list[Plain], Field(min_length=12, max_length=12)]


class Manners(_Part):
    """The manners of awareness (Annex III, section 2 (8)), and what stands between two of them."""

    between: Annotated[str, Field(min_length=1, max_length=10)]
    detection_order: Plain
    public_authority: Plain
    hotline: Plain
    user_flag: Plain
    own_motion: Plain
    other: Plain


class Adult(_Part):
    reported: Reported
    reported_erased: Plain
    how: Manner
    unfounded: Plain
    unknown: Plain
    removed: Plain
    decided: Plain
    may_return: Plain
    complain: Plain
    court: Plain
    given_back: Plain
    sorry: Plain
    still_missing: Plain


class Teenager(_Part):
    opening: Plain
    reported: Reported
    reported_erased: Plain
    how: Manner
    unfounded: Plain
    unknown: Plain
    not_wrong: Plain
    mistake: Plain
    may_return: Plain
    complain: Plain
    helpline: Plain
    given_back: Plain
    sorry: Plain
    still_missing: Plain


class Child(_Part):
    opening: Plain
    reported: Plain
    unfounded: Plain
    unknown: Plain
    not_in_trouble: Plain
    mistake: Plain
    may_return: Plain
    helpline: Plain
    given_back: Plain
    sorry: Plain
    still_missing: Plain


class Sentences(_Part):
    """One file."""

    name: Plain
    read_by: Annotated[str, Field(max_length=200)]
    translates: Annotated[str, Field(max_length=64)] = ""
    date: Dates
    how: Manners
    adult: Adult
    teenager: Teenager
    child: Child


class Language(Sentences):
    """The sentences of a language, by its code; `own` are the operator's. `stale`: the English text has changed."""

    code: str
    own: bool
    stale: bool = False

    def day(self, day: date) -> str:
        """A day as the sentence `reported` has it."""
        number = self.date.first if day.day == 1 else str(day.day)
        return self.date.written.format(d=number, month=self.date.months[day.month - 1], y=day.year)


def parsed(content: bytes) -> Sentences:
    """Parse a file of sentences. Raises `BadText` naming the key."""
    try:
        return Sentences.model_validate(tomllib.loads(content.decode()))
    except UnicodeDecodeError as error:
        raise BadText(f"must be UTF-8 (byte {error.start + 1})") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadText(f"must be TOML ({error})") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise BadText(f"{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}") from None


def own(folder: Path) -> dict[str, Language]:
    """The operator's files in a folder, by language. Raises `BadText` naming the file and the key."""
    if not folder.is_dir():
        raise BadText("must be the path of an existing folder")
    return _read(folder, own=True)


def load(folder: Path | None) -> dict[str, Language]:
    """Every language by its code, in the order of its own name; the operator's files in the place of ours."""
    ours = _read(TEXTS_FOLDER, own=False)
    source = source_digest(ours[SOURCE])
    found = {
        code: one.model_copy(update={"stale": one.translates not in ("", source)})
        for code, one in (ours | (own(folder) if folder else {})).items()
    }
    return dict(sorted(found.items(), key=lambda item: item[1].name.casefold()))


def source_digest(sentences: Sentences) -> str:
    """The digest of the sentences of a file, without the name of its language and its dates: 16 hex digits."""
    text = sentences.model_dump_json(include={"how", "adult", "teenager", "child"})
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read(folder: Path, *, own: bool) -> dict[str, Language]:
    found = {}
    for path in sorted(one for one in folder.iterdir() if one.suffix.lower() == ".toml"):
        try:
            found[path.stem] = _language(path, own=own)
        except OSError as error:
            raise BadText(f"{path.name}: {error.strerror}") from None
        except BadText as error:
            raise BadText(f"{path.name}: {error}") from None
    return found


def _language(path: Path, *, own: bool) -> Language:
    if not NAME.fullmatch(path.name):
        raise BadText("must be named after a language code in lower case, such as de.toml")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadText(f"must have at most {MOST_BYTES} bytes")
    said = parsed(content)
    return Language(code=path.stem, own=own, **{name: getattr(said, name) for name in Sentences.model_fields})
