"""Pages from which children learn. Each text has an author, an owner and a date for its next review.

The page on own pictures says what is known of the law: Directive 2011/93/EU, Article 8, leaves consensual activities to
each country. No rule of a country has been checked, and none is stated.
"""

from __future__ import annotations

from datetime import date

from tutela.victims.public.voices.pages import HelpChoice, HelpPage, Origin

ORIGIN = Origin("Tutela", "Tutela", date(2027, 5, 31))
LAW_SOURCE = "Directive 2011/93/EU, Art. 8 (2026-11-30)"
TOPICS = {
    "safe": ("safe_title", ("safe_private", "safe_lie", "safe_no")),
    "groom": ("groom_title", ("groom_signs", "groom_stop", "child_fault", "child_tell")),
    "threat": (
        "threat_title",
        ("threat_pay", "threat_contact", "threat_keep", "threat_block", "threat_tell", "threat_wrong"),
    ),
    "sext": ("sext_title", ("sext_press", "sext_copy", "sext_pass", "child_fault")),
    "limits": ("limits_title", ("limits_body", "limits_adult", "limits_secret", "child_tell")),
    "law": ("law_title", ("law_us", "law_differs", "law_unknown")),
}


def pages() -> dict[str, HelpPage]:
    """All pages to learn from, by address."""
    choices = tuple(HelpChoice(heading, f"learn/{topic}") for topic, (heading, _texts) in TOPICS.items())
    found = {"learn": HelpPage("learn_title", choices=choices, equal=True)}
    for topic, (heading, sentences) in TOPICS.items():
        ways = (HelpChoice("do_talk", "find"), HelpChoice("do_learn", "learn"))
        found[f"learn/{topic}"] = HelpPage(heading, sentences, ways, origin=ORIGIN)
    return found
