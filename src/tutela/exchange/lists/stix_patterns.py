"""Patterns of STIX 2.1: the digests of files that they name.

Of the pattern language (STIX 2.1, part 9) what says that a file has a digest is understood: comparisons of
`file:hashes` with `=` or `IN`, joined by AND and OR, in observations that are joined by OR. A pattern with more in it
says less than "this file" when it is cut, or another thing; it is left out whole and named. A condition besides the
digest (a name, a size) is named and dropped: whoever has the digest has the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<path>[A-Za-z][\w-]*:(?:[\w.-]|'(?:[^'\\]|\\.)*'|\[[\w*]+\])+)"
    r"|(?P<sign><=|>=|!=|[\[\]()=<>,])|(?P<word>[A-Za-z]+|-?[0-9][0-9.]*))",
)
_HASH = re.compile(r"file:hashes\.(?:'([^']+)'|([\w-]+))")
LONGEST, MOST = 20_000, 500


class NotUnderstood(ValueError):
    """More than the digests of a file stands in it; says what."""


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
