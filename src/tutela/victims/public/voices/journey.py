"""Way of a visitor: danger, who asks, what happened, what can be done. Choices are general and nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping

from tutela.victims.public.voices.pages import HelpChoice, HelpPage, Section

# Services of this node that a choice can lead to.
REPORT, DANGER, REMOVAL, REPORT_ANSWERS, REMOVAL_ANSWERS = (
    *(":report", ":danger", ":removal"),
    *(":report-answers", ":removal-answers"),
)
SUPPORT, INFORMATION, SUPPORT_ANSWERS, INFORMATION_ANSWERS = (
    *(":support", ":information"),
    *(":support-answers", ":information-answers"),
)
MINE = ("mine_pictures", "mine_threat", "mine_contact", "mine_hurt", "seen", "unsure")
OTHER = ("other_pictures", "other_threat", "other_contact", "other_hurt", "seen", "unsure")
OF_ADULTS = (*OTHER[:4], "mine_pictures", *OTHER[4:])
_PRIVATE = ("private_name", "private_device")
NEXT = Section("next_title", ("next_number", "next_answer", "next_told", *_PRIVATE))
# What each kind of visitor may choose, and what is said first.
VOICES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "child": (MINE, ("child_fault", "child_decide", "child_tell")),
    "teen": (MINE, ("child_fault", "child_decide", "teen_name")),
    "adult": (OF_ADULTS, ("adult_listen", "adult_ask", "adult_confront", "adult_copy")),
    "professional": (OTHER, ("work_rules", "work_words", "work_police", "adult_copy")),
    "helper": (OTHER, ("adult_listen", "helper_outside", "helper_device", "adult_copy")),
    "easy": (MINE, ("easy_stop", "easy_place", "easy_tell", "easy_call")),
    "alone": (MINE, ("alone_rights", "alone_guardian", "alone_not_police")),
    "forced": (MINE, ("forced_fault", "forced_referral", "alone_not_police")),
}
SYMBOLS = {"easy": ("stop", "house", "people", "phone")}
_SYMBOL_OF = {
    "pictures": "picture",
    "threat": "stop",
    "contact": "message",
    "hurt": "people",
    "seen": "eye",
    "unsure": "question",
}
THREAT = ("threat_pay", "threat_contact", "threat_keep", "threat_block", "threat_tell", "threat_wrong")
_TALK = HelpChoice("do_talk", "find", "do_talk_note", "phone")
# Videos and calls in sign language, at the services that have them.
_SIGNED = HelpChoice("channel_sign", "find?channel=sign", "", "hand")
_REPORT = HelpChoice("do_report", REPORT, "do_report_note", "eye")
_REMOVE = HelpChoice("do_remove", REMOVAL, "do_remove_note", "picture")
_SUPPORT = HelpChoice("y_support", SUPPORT, "", "people")
_INFORM = HelpChoice("y_own", INFORMATION, "", "picture")
_FOLLOW = HelpChoice("do_follow", "follow", "", "message")
# What can be done, the most useful first, and where to learn more.
_WAYS: Mapping[str, tuple[tuple[HelpChoice, ...], str]] = {
    "pictures": ((_REMOVE, _REPORT, _TALK, _INFORM), "learn/sext"),
    "threat": ((_TALK, _REMOVE, _REPORT), "learn/sext"),
    "contact": ((_TALK, _REPORT), "learn/groom"),
    "hurt": ((_TALK, _REPORT, _SUPPORT), "learn/limits"),
    "seen": ((_REPORT, _TALK), "learn/safe"),
    "unsure": ((_TALK, _REPORT, _SUPPORT), "learn"),
}


def code_of(happened: str) -> str:
    """Part of the address for what happened: the same for the person and for somebody who helps."""
    return happened.rpartition("_")[2]


def _address(voice: str, happened: str) -> str:
    # An adult may speak of a child's pictures or of own ones: two answers, one page.
    return f"{voice}/{code_of(happened)}"


def _what(voice: str) -> HelpPage:
    """What happened, as general choices."""
    happened, _advice = VOICES[voice]
    return HelpPage(
        "what_title",
        ("what_note",),
        tuple(HelpChoice(one, _address(voice, one), "", _SYMBOL_OF[code_of(one)]) for one in happened),
        equal=True,
    )


def _ways(voice: str, code: str) -> HelpPage:
    """What can be done. A threat comes before everything else that is said."""
    advice, (ways, more) = VOICES[voice][1], _WAYS[code]
    duties = (HelpChoice("duty_title", "duties", "", "book"),) if voice == "professional" else ()
    choices = (*ways, _FOLLOW, *duties, HelpChoice("do_learn", more, "", "book"))
    if code == "threat":
        return HelpPage("threat_title", THREAT, choices, (Section("do_title", advice), NEXT), calls=True)
    return HelpPage("do_title", advice, choices, (NEXT,), SYMBOLS.get(voice, ()))


def pages() -> dict[str, HelpPage]:
    """All pages of the way, by address."""
    who = tuple(HelpChoice(f"who_{voice}", voice) for voice in VOICES)
    found = {
        "": HelpPage(
            "danger_question",
            ("duty_short",),
            choices=(HelpChoice("yes", "danger"), HelpChoice("no", "who"), _FOLLOW),
            calls=True,
        ),
        "danger": HelpPage(
            "danger_title",
            ("danger_call", "danger_place", "danger_away", "danger_quiet"),
            (HelpChoice("danger_write", DANGER), HelpChoice("do_talk", "find"), HelpChoice("continue", "who")),
            calls=True,
        ),
        "who": HelpPage("who_title", choices=(*who, _SIGNED), equal=True),
        "follow": HelpPage(
            "do_follow",
            choices=(
                HelpChoice("do_report", REPORT_ANSWERS),
                HelpChoice("do_remove", REMOVAL_ANSWERS),
                HelpChoice("y_own", INFORMATION_ANSWERS),
                HelpChoice("y_support", SUPPORT_ANSWERS),
            ),
        ),
        "safety": HelpPage(
            "safety_title",
            ("safety_leave", "safety_remain"),
            listed=("remain_history", "remain_parental", "remain_network", "remain_screens", "remain_calls"),
            after=("safety_other", "safety_card"),
        ),
    }
    for voice, (happened, _advice) in VOICES.items():
        found[voice] = _what(voice)
        found |= {_address(voice, one): _ways(voice, code_of(one)) for one in happened}
    return found
