"""Keyboard map of the desks: every key, the only place that lists them. `static/desk.js` and `data-key` act on them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Heading, then keys with what they do.
KEYS: tuple[tuple[Promise, tuple[tuple[str, Promise], ...]], ...] = (
    (
        _("Every page"),
        (
            ("/", _("Search all desks")),
            ("?", _("Show this map")),
            ("Esc", _("Close this map")),
        ),
    ),
    (
        _("Lists"),
        (
            ("j", _("Next row")),
            ("k", _("Previous row")),
            ("Enter", _("Open the row")),
            ("x", _("Choose the row")),
            ("X", _("Choose all rows since the last one")),
            ("n", _("Next case")),
        ),
    ),
    (
        _("Case"),
        (
            ("l", _("Claim or release")),
            ("p", _("Pass to colleagues")),
            ("z", _("Undo what has not left yet")),
            ("n", _("Next case")),
        ),
    ),
    (
        _("Report at the Centre"),
        (
            ("f", _("Relevant: to be referred")),
            ("u", _("Manifestly unfounded")),
            ("a", _("Ask the provider for more information")),
            ("s", _("Decide")),
            ("d", _("Go to the decisions")),
            ("r", _("Refer report, or refer the chosen reports")),
            ("m", _("Mark the chosen certified reports as relevant")),
        ),
    ),
    (
        _("Candidate"),
        (
            ("c", _("Confirm without opening")),
            ("o", _("Open item blurred and grey")),
            ("u", _("Show without blur")),
            ("y", _("Confirm the opened item")),
            ("n", _("Reject the opened item")),
            ("q", _("Back without deciding")),
        ),
    ),
    (
        _("Report of a provider, and referral of an authority"),
        (
            ("c", _("Ask the Centre for a pre-check")),
            ("e", _("Complete report")),
            ("s", _("Send report")),
            ("o", _("Record outcome")),
        ),
    ),
    (
        _("Register"),
        (
            ("c", _("Certify")),
            ("d", _("Dispute the chosen indicators")),
            ("s", _("Suspend the chosen indicators")),
        ),
    ),
    (
        _("Confirmation"),
        (
            ("y", _("Yes")),
            ("n", _("No")),
            ("b", _("Back")),
        ),
    ),
)
