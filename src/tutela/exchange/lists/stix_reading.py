"""STIX 2.1, read: the digests of files in indicators' patterns and in file objects; everything else is named.

Of the pattern language (STIX 2.1, part 9) what says that a file has a digest is understood: comparisons of
`file:hashes` with `=` or `IN`, joined by AND and OR, in observations that are joined by OR. A pattern with more in it
says less than "this file" when it is cut, or another thing; it is left out whole and named. A condition besides the
digest (a name, a size) is named and dropped: whoever has the digest has the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

from tutela.exchange.lists.listed import Broken, Left, Listed, Unreadable, digest
from tutela.exchange.lists.streams import Stream

# As the format's vocabulary has them, and as they are found.
_KINDS = {"MD5": "md5", "SHA-1": "sha1", "SHA1": "sha1", "SHA-256": "sha256", "SHA256": "sha256"}
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<path>[A-Za-z][\w-]*:(?:[\w.-]|'(?:[^'\\]|\\.)*'|\[[\w*]+\])+)"
    r"|(?P<sign><=|>=|!=|[\[\]()=<>,])|(?P<word>[A-Za-z]+|-?[0-9][0-9.]*))",
)
_HASH = re.compile(r"file:hashes\.(?:'([^']+)'|([\w-]+))")
LONGEST, MOST = 20_000, 500
MEDIA = ("image", "video")


class NotUnderstood(ValueError):
    """More than the digests of a file stands in it; says what."""


class Reader:
    """Reads one bundle; `left` counts what else stood in it."""

    def __init__(self) -> None:
        self.left = Left()

    def read(self, file: TextIO) -> Iterator[Listed | Broken]:
        """Every file that is named by a digest. Raises `Unreadable` where it is no bundle."""
        stream, seen = Stream(file), False
        for name in stream.members():
            if name != "objects":
                value = stream.value()
                if name == "type" and value != "bundle":
                    raise Unreadable("type: it is no bundle")
                continue
            seen = True
            for number, _ in enumerate(stream.elements(), 1):
                found = self._entry(number, stream.value())
                if found is not None:
                    yield found
        if not seen:
            raise Unreadable("objects: they are missing")

    def _entry(self, number: int, row: Any) -> Listed | Broken | None:
        if not isinstance(row, dict):
            return Broken(number, "objects", "not an object")
        kind = row.get("type")
        if kind == "file":
            hashes = row.get("hashes")
            return self._file(number, row, hashes if isinstance(hashes, dict) else {})
        if kind == "indicator":
            return self._indicator(number, row)
        self.left.note(f"objects of type {str(kind)[:40]}")
        return None

    def _indicator(self, number: int, row: dict[str, Any]) -> Listed | Broken | None:
        pattern = row.get("pattern")
        if row.get("revoked") is True:
            self.left.note("revoked indicators")
            return None
        if row.get("pattern_type", "stix") != "stix" or not isinstance(pattern, str):
            self.left.note(f"patterns of type {str(row.get('pattern_type'))[:40]}")
            return None
        try:
            said, besides = read_pattern(pattern)
        except NotUnderstood as error:
            self.left.note(f"patterns with {error}")
            return None
        for name in besides:
            self.left.note(f"pattern: {name}")
        if not said:
            self.left.note("patterns without the digest of a file")
            return None
        return self._listed(number, row, said)

    def _file(self, number: int, row: dict[str, Any], said: dict[str, Any]) -> Listed | Broken | None:
        for name in row:
            if name not in ("type", "id", "spec_version", "hashes", "mime_type", "name"):
                self.left.note(f"file: {name[:40]}")
        if not said:
            self.left.note("files without a digest")
            return None
        return self._listed(number, row, [(name, str(value)) for name, value in said.items()])

    def _listed(self, number: int, row: dict[str, Any], said: list[tuple[str, str]]) -> Listed | Broken:
        hashes: dict[str, tuple[str, ...]] = {}
        for name, text in said:
            kind = _KINDS.get(name.upper())
            if kind is None:
                self.left.note(f"hashes: {name[:40]}")
                continue
            try:
                if (value := digest(kind, text)) and value not in hashes.get(kind, ()):
                    hashes[kind] = (*hashes.get(kind, ()), value)
            except ValueError as error:
                return Broken(number, name[:40], str(error))
        if not hashes:
            return Broken(number, "hashes", "no digest that can be used")
        labels = [one for one in row.get("labels") or () if isinstance(one, str)]
        media = next((one for one in labels if one in MEDIA), _media(row.get("mime_type")))
        classes = [one for one in labels if re.fullmatch(r"[\w.-]+:[\w.-]+", one)]
        for one in labels:
            if one not in (media, *classes[:1]):
                self.left.note(f"label {one[:40]}")
        description = row.get("description")
        return Listed(
            str(row.get("id") or "")[:250] or next(iter(hashes.values()))[0], hashes, media,
            classification=classes[0][:80] if classes else "",
            reason=description[:300] if isinstance(description, str) else "", at=_moment(row.get("modified")),
        )  # fmt: skip


def read_pattern(pattern: str) -> tuple[list[tuple[str, str]], list[str]]:
    """The digests that a pattern names, (algorithm, value), and the other conditions. Raises `NotUnderstood`."""
    tokens = list(_tokens(pattern))
    found, besides, at = list[tuple[str, str]](), list[str](), 0
    if not tokens or tokens[-1] != ("sign", "]"):
        raise NotUnderstood("a qualifier, or no observation")
    while at < len(tokens):
        if tokens[at] != ("sign", "["):
            raise NotUnderstood(f"{tokens[at][1][:40]} between observations")
        at = _observation(tokens, at + 1, found, besides)
        if at < len(tokens):
            if tokens[at] != ("word", "OR"):
                raise NotUnderstood(f"{tokens[at][1][:40]} between observations")
            at += 1
            if at == len(tokens):
                raise NotUnderstood("an end too early")
    return found, besides


def _observation(tokens: list[tuple[str, str]], at: int, found: list[tuple[str, str]], besides: list[str]) -> int:
    """One observation from behind its bracket; answers the place behind its end."""
    depth, wanted = 0, True
    while True:
        kind, text = _at(tokens, at)
        if wanted and (kind, text) == ("sign", "("):
            depth, at = depth + 1, at + 1
        elif wanted and kind == "path":
            at, wanted = _comparison(tokens, at, found, besides), False
        elif not wanted and (kind, text) == ("sign", ")") and depth:
            depth, at = depth - 1, at + 1
        elif not wanted and kind == "word" and text in ("AND", "OR"):
            at, wanted = at + 1, True
        elif not wanted and (kind, text) == ("sign", "]") and not depth:
            return at + 1
        else:
            raise NotUnderstood(f"{text[:40]} in an observation")


def _comparison(tokens: list[tuple[str, str]], at: int, found: list[tuple[str, str]], besides: list[str]) -> int:
    path, (kind, operator) = tokens[at][1], _at(tokens, at + 1)
    values, at = list[str](), at + 2
    if operator == "IN":
        if _at(tokens, at) != ("sign", "("):
            raise NotUnderstood("IN without a set")
        at += 1
        while True:
            values.append(_at(tokens, at)[1])
            closing, at = _at(tokens, at + 1)[1], at + 2
            if closing == ")":
                break
            if closing != ",":
                raise NotUnderstood("a set that does not end")
    elif kind == "sign" and operator == "=":
        values, at = [_at(tokens, at)[1]], at + 1
    elif kind == "word" and operator == "NOT":
        raise NotUnderstood("NOT")
    elif path.startswith("file:hashes"):
        raise NotUnderstood(f"{operator[:40]} of a digest")
    else:
        _at(tokens, at)
        at += 1
    name = _HASH.fullmatch(path)
    if name is None:
        besides.append(path[:60])
    else:
        found += [(name[1] or name[2], _plain(one)) for one in values]
    if len(found) > MOST:
        raise NotUnderstood(f"more than {MOST} digests")
    return at


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    if len(pattern) > LONGEST:
        raise NotUnderstood(f"more than {LONGEST} characters")
    at, end = 0, len(pattern.rstrip())
    while at < end:
        token = _TOKEN.match(pattern, at)
        if token is None or token.lastgroup is None:
            raise NotUnderstood("signs that no pattern has")
        yield token.lastgroup, token[token.lastgroup]
        at = token.end()


def _at(tokens: list[tuple[str, str]], at: int) -> tuple[str, str]:
    if at >= len(tokens):
        raise NotUnderstood("an end too early")
    return tokens[at]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith("'") else text


def _media(mime: object) -> str:
    return "video" if isinstance(mime, str) and mime.startswith("video/") else "image"


def _moment(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) and len(text) < 40 else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
