"""Patterns of STIX 2.1: the files that they name by their digests.

Of the pattern language (STIX 2.1, part 9), only statements that a file has a digest are understood. These are
comparisons of `file:hashes` with `=` or `IN`, joined by AND and OR, in observations that are joined by OR. Digests
joined by AND in one observation are one file; digests joined by OR are several files, each of which is meant. A more
complex pattern would change its meaning if it were cut, so it is refused whole. An additional condition (a name, a
size) is noted and dropped, because a file with the digest is the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<path>[A-Za-z][\w-]*:(?:[\w.-]|'(?:[^'\\]|\\.)*'|\[[\w*]+\])+)"
    r"|(?P<sign><=|>=|!=|[\[\]()=<>,])|(?P<word>[A-Za-z]+|-?[0-9][0-9.]*))",
)
_HASH = re.compile(r"file:hashes\.(?:'([^']+)'|([\w-]+))")
LONGEST, MOST, DEEPEST = 20_000, 500, 20
# Algorithm and value, as they stand there.
type Pair = tuple[str, str]


class NotUnderstood(ValueError):
    """The pattern contains more than digests of files; states which part."""


def read_pattern(pattern: str) -> tuple[list[tuple[Pair, ...]], list[str]]:
    """The digests of each file that a pattern names, and the other conditions. Raises `NotUnderstood`."""
    reading = _Reading(list(_tokens(pattern)))
    found = [one for one in reading.observations() if one]
    if sum(map(len, found)) > MOST:
        raise NotUnderstood(f"more than {MOST} digests")
    return list(dict.fromkeys(found)), reading.others


class _Reading:
    """Reads forward through the tokens and returns files, each with its digests from one place."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.others = list[str]()
        self._tokens, self._at, self._depth = tokens, 0, 0

    def observations(self) -> list[tuple[Pair, ...]]:
        """The whole pattern."""
        if not self._tokens or self._tokens[-1] not in (("sign", "]"), ("sign", ")")):
            raise NotUnderstood("a qualifier, or no observation")
        found = self._either(self._observation, "between observations")
        if self._at < len(self._tokens):
            raise NotUnderstood(f"{self._tokens[self._at][1][:40]} between observations")
        return found

    def _observation(self) -> list[tuple[Pair, ...]]:
        if self._took("("):
            return self._within(lambda: self._either(self._observation, "between observations"), ")")
        if not self._took("["):
            raise NotUnderstood(f"{self._next()[1][:40]} between observations")
        return self._within(lambda: self._either(self._together, "in an observation"), "]")

    def _together(self) -> list[tuple[Pair, ...]]:
        """Operands of AND: all digests are of the same file."""
        found = self._condition()
        while self._took("AND"):
            others = self._condition()
            if len(found) * len(others) > MOST:
                raise NotUnderstood(f"more than {MOST} files")
            found = [_joined(*pair) for pair in product(found, others)]
        return found

    def _condition(self) -> list[tuple[Pair, ...]]:
        if self._took("("):
            return self._within(lambda: self._either(self._together, "in an observation"), ")")
        kind, path = self._next()
        if kind != "path":
            raise NotUnderstood(f"{path[:40]} in an observation")
        self._at += 1
        return self._comparison(path)

    def _comparison(self, path: str) -> list[tuple[Pair, ...]]:
        kind, operator = self._next()
        self._at += 1
        if operator == "IN":
            values = self._set()
        elif (kind, operator) == ("word", "NOT"):
            raise NotUnderstood("NOT")
        elif operator != "=" and path.startswith("file:hashes"):
            raise NotUnderstood(f"{operator[:40]} of a digest")
        else:
            values = [self._next()[1]]
            self._at += 1
        name = _HASH.fullmatch(path)
        if name is None:
            self.others.append(path[:60])
            return [()]
        return [((name[1] or name[2], _plain(one)),) for one in values]

    def _set(self) -> list[str]:
        if not self._took("("):
            raise NotUnderstood("IN without a set")
        values = list[str]()
        while True:
            values.append(self._next()[1])
            self._at += 1
            if self._took(")"):
                return values
            if not self._took(","):
                raise NotUnderstood("a set that does not end")

    def _either(self, part: Callable[[], list[tuple[Pair, ...]]], where: str) -> list[tuple[Pair, ...]]:
        """Operands of OR: all of them."""
        found = part()
        while self._at < len(self._tokens) and self._tokens[self._at] not in (("sign", ")"), ("sign", "]")):
            if not self._took("OR"):
                raise NotUnderstood(f"{self._next()[1][:40]} {where}")
            found = found + part()
        return found

    def _within(self, part: Callable[[], list[tuple[Pair, ...]]], end: str) -> list[tuple[Pair, ...]]:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotUnderstood("brackets nested too deeply")
        found = part()
        if not self._took(end):
            raise NotUnderstood(f"{self._next()[1][:40]} in an observation")
        self._depth -= 1
        return found

    def _took(self, text: str) -> bool:
        kind = "word" if text.isalpha() else "sign"
        took = self._at < len(self._tokens) and self._tokens[self._at] == (kind, text)
        self._at += took
        return took

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise NotUnderstood("an early end")
        return self._tokens[self._at]


def _joined(first: tuple[Pair, ...], second: tuple[Pair, ...]) -> tuple[Pair, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    if len(pattern) > LONGEST:
        raise NotUnderstood(f"more than {LONGEST} characters")
    at, end = 0, len(pattern.rstrip())
    while at < end:
        token = _TOKEN.match(pattern, at)
        if token is None or token.lastgroup is None:
            raise NotUnderstood("characters that are not allowed in a pattern")
        yield token.lastgroup, token[token.lastgroup]
        at = token.end()


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith("'") else text
