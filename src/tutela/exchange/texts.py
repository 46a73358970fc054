"""Sentences that are stored or sent and said later, in the reader's language.

A sentence with values in it cannot be looked up in a catalogue: the values are kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping


def marked(text: str) -> str:
    """The text itself; import it as `_`, so that the catalogue takes the text up."""
    return text


def filled(text: str, values: Mapping[str, object]) -> str:
    """The text with its values; a text whose values are not all there, as it stands."""
    try:
        return text.format(**values)
    except (KeyError, IndexError, ValueError):
        return text
