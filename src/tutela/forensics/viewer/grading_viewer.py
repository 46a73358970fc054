"""Viewer in which a person grades by keyboard: one item at a time, shown only after a deliberate act.

Keys: Enter shows, Escape hides, the keys of the scale grade, r, a, s and u say how the item came about, z undoes the
last grade, n leaves the item for later, v marks it as violent for whoever sees it next, and q stops.
"""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from tutela.forensics.case_folder.case import Case
from tutela.forensics.case_folder.losses import CaseState, case_state
from tutela.forensics.errors import GradeError, SourceUnreadableError
from tutela.forensics.grades.grade_book import Authenticity, GradeBook
from tutela.forensics.items.signs import MEANINGS
from tutela.forensics.viewer.item_bytes import item_bytes
from tutela.forensics.viewer.view_queue import QueuedItem, ViewQueue
from tutela.scan.local_viewer import LONGEST, STYLE, LocalViewer, ViewedFile, shown_file

AUTHENTICITY_KEYS = {
    "r": Authenticity.REAL,
    "a": Authenticity.ALTERED,
    "s": Authenticity.SYNTHETIC,
    "u": Authenticity.UNCLEAR,
}
RESERVED = frozenset((*AUTHENTICITY_KEYS, "z", "n", "v", "q"))
_SCRIPT = (
    "addEventListener('keydown',e=>{const b=[...document.querySelectorAll('button[data-key]')]"
    ".find(b=>b.dataset.key===e.key);if(b&&!e.repeat){e.preventDefault();b.click()}});"
    f"if(document.getElementById('hide'))setTimeout(()=>document.getElementById('hide').submit(),{1000 * LONGEST:.0f})"
)


class GradingViewer(LocalViewer):
    """The viewer of one person. `scale`: from a key to `scheme:value`. `now` is the time of grades."""

    def __init__(
        self,
        case: Case,
        person: str,
        scale: Mapping[str, str],
        *,
        now: Callable[[], datetime],
        second: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not scale or any(len(key) != 1 or key in RESERVED for key in scale):
            raise GradeError(f"A scale needs keys of one character, and none of {', '.join(sorted(RESERVED))}.")
        super().__init__((), now=monotonic)
        self._case, self._person, self._scale, self._at = case, person, dict(scale), now
        self._queue, self._book = ViewQueue(case, person, second=second), GradeBook(case)
        self._authenticity = Authenticity.UNCLEAR
        self._item = self._queue.next_item()
        self._file: ViewedFile | None = None
        self._begun = 0.0
        self._last, self._said = "", ""

    def act(self, path: str) -> None:
        """Do what a key asks for. An act that belongs to another item than the present one is passed over."""
        word, _, rest = path.partition("/")
        key, _, sha256 = rest.partition("/")
        with self._lock:
            if self._item is not None and word in ("show", "grade", "skip", "violent") and sha256 != self._item.sha256:
                return
            self._said = ""
            match word:
                case "show":
                    self._show_item()
                case "grade":
                    self._grade(key)
                case "authenticity" if key in AUTHENTICITY_KEYS:
                    self._authenticity = AUTHENTICITY_KEYS[key]
                case "undo":
                    self._undo()
                case "skip":
                    self._skip()
                case "violent":
                    self._mark_violent()
                case _:
                    self._hide_item()

    def hide(self) -> None:
        """Hide what is shown, and count the view."""
        with self._lock:
            self._hide_item()

    def shown(self, number: int) -> ViewedFile | None:
        """The item, while it is shown."""
        with self._lock:
            late = self._now() - self._begun > LONGEST
            return None if number or late else self._file

    def _show_item(self) -> None:
        self._hide_item()
        if self._item is None:
            return
        try:
            data = item_bytes(self._case, self._item.sha256)
        except SourceUnreadableError as error:
            self._said = str(error)
            return
        file = ViewedFile(self._item.name, self._item.format, data)
        if not file.media_type:
            self._said = "A browser does not show this format."
            return
        self._file, self._begun = file, self._now()

    def _hide_item(self) -> None:
        if self._file is not None and self._item is not None:
            seconds = min(self._now() - self._begun, LONGEST)
            self._queue.record_view(self._item.sha256, seconds, self._at())
        self._file = None

    def _grade(self, key: str) -> None:
        if self._item is None or key not in self._scale:
            return
        item, value = self._item, self._scale[key]
        self._hide_item()
        copies = self._book.grade(item.sha256, value, self._authenticity, person=self._person, at=self._at())
        near = self._queue.propose_near(item.sha256)
        self._said = f"Graded {value} ({self._authenticity}): {copies} copies. Near copies that follow: {near}."
        self._last, self._item = item.sha256, self._queue.next_item()

    def _undo(self) -> None:
        self._hide_item()
        if self._last:
            self._book.undo(self._last, person=self._person, at=self._at())
            self._item, self._last = self._queue.item(self._last), ""
            self._said = "The last grade was undone."

    def _skip(self) -> None:
        self._hide_item()
        if self._item is not None:
            self._queue.skip(self._item.sha256)
            self._item = self._queue.next_item()

    def _mark_violent(self) -> None:
        if self._item is not None:
            self._queue.mark_violent(self._item.sha256, self._at())
            self._said = "Marked as violent."

    def page(self, nonce: str) -> bytes:
        """The present item, and the keys."""
        with self._lock:
            item, file = self._item, self._file
            (views, different), left = self._queue.views(), self._queue.left()
            said, authenticity = self._said, self._authenticity
            support = self._case.fact("support")
        body = self._described(item, file, authenticity) if item else "<p>There is no further item.</p>"
        undo = _button("undo", "z", "Undo the last grade (z)") if self._last else ""
        text = (
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            f"<title>Grade</title><style nonce={nonce}>{STYLE}</style><main><h1>Grade</h1>"
            f"{self._state()}<p role=status>{html.escape(said)}</p>{body}"
            f"<p>{undo} {_button('finish', 'q', 'Stop (q)')}</p>"
            f"<p>Items left: {left}.</p><p>Your views: {views} of {different} items. Nobody else sees this number.</p>"
            f"<p>{html.escape(f'Support: {support}') if support else ''}</p></main>"
            f"<script nonce={nonce}>{_SCRIPT}</script></html>"
        )
        return text.encode()

    def _state(self) -> str:
        """A warning while items may be missing."""
        state = case_state(self._case)
        if state is CaseState.COMPLETE:
            return ""
        reason = "a source could not be read whole" if state is CaseState.INCOMPLETE else "the run has not ended"
        return f"<p><strong>The examination is {state}: {reason}.</strong></p>"

    def _described(self, item: QueuedItem, file: ViewedFile | None, authenticity: Authenticity) -> str:
        facts = [
            f"{item.device}/{item.name}",
            f"class: {item.item_class}",
            f"proposed by a list: {item.category}" if item.category else "",
            f"signs: {', '.join(MEANINGS[sign] for sign in item.signs)}" if item.signs else "",
            f"copies: {item.copies}",
            f"near copy of {item.near_to[:12]}, graded before" if item.near_to else "",
        ]
        lines = "".join(f"<li>{html.escape(fact)}" for fact in facts if fact)
        warned = "<p><strong>Marked as violent.</strong></p>" if item.violent else ""
        shown = shown_file(0, file) if file else _button(f"show/-/{item.sha256}", "Enter", "Show (Enter)")
        grades = " ".join(
            _button(f"grade/{key}/{item.sha256}", key, f"{value} ({key})") for key, value in self._scale.items()
        )
        origins = " ".join(
            _button(f"authenticity/{key}", key, f"{one} ({key}){' · chosen' if one is authenticity else ''}")
            for key, one in AUTHENTICITY_KEYS.items()
        )
        further = _button(f"skip/-/{item.sha256}", "n", "Leave for later (n)")
        further += " " + _button(f"violent/-/{item.sha256}", "v", "Mark as violent (v)")
        return f"<ul>{lines}</ul>{warned}{shown}<h2>Grade</h2><p>{grades}</p><p>{origins}</p><p>{further}</p>"


def _button(action: str, key: str, label: str) -> str:
    name = html.escape(key, quote=True)
    return (
        f'<form method=post action="{html.escape(action, quote=True)}"><button data-key="{name}">'
        f"{html.escape(label)}</button></form>"
    )
