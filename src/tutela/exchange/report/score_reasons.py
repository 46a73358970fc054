"""Reasons of the completeness, relevance and urgency scores, as codes. Rows store the code and its values.

A missing field (`completeness`) and a danger named in the report (`dangers`) are reasons too, by their own codes.
"""

from __future__ import annotations

from collections.abc import Mapping

from tutela.exchange.message.translatable_text import TextCode, filled
from tutela.exchange.message.translatable_text import marked as _
from tutela.exchange.report.completeness import MissingCode
from tutela.exchange.report.dangers import WORDS
from tutela.exchange.report.sections import Danger


class ScoreCode(TextCode):
    """Everything else that gives points, or explains why there are none."""

    CALM = "score.calm", _("no sign that hours matter")
    BASE = "score.base", _("starting value of every report")
    LIMIT = "score.limit", _("a score is never below 0 or above 100")
    RAISED = "score.raised", _("raised by a duplicate, or scored by earlier rules")
    NOTHING_KNOWN = "score.nothing_known", _("nothing known for or against relevance")
    REGISTER = "score.register", _("an item matches the public register")
    OWN_LIST = "score.own_list", _("an item matches a provider list")
    REGISTER_UNPROVEN = (
        "score.register_unproven",
        _("the report names a register indicator that is inactive or concerns another item"),
    )
    CORROBORATED = "score.corroborated", _("a second, unrelated hash also matches")
    VIEWED = "score.viewed", _("a person opened the item and confirmed it")
    CONFIRMED_UNOPENED = "score.confirmed_unopened", _("a person confirmed the item without opening it")
    SAID_TO_CIRCULATE = (
        "score.said_to_circulate",
        _("the provider states that the item circulates: otherwise equal reports rank higher"),
    )
    ITEM_RELEVANT = "score.item_relevant", _("earlier reports with this item decided as relevant: {times}")
    ITEM_NOT_RELEVANT = "score.item_not_relevant", _("earlier reports with this item decided as not relevant: {times}")
    DECIDED_OFTEN = (
        "score.decided_often",
        _("widely circulated: reports on less widely seen items rank higher"),
    )
    MANY_ACCOUNTS = (
        "score.many_accounts",
        _("widely circulated, by at least {times} accounts: reports on less widely seen items rank higher"),
    )
    PROVIDER_SHARE = "score.provider_share", _("{share} % of the provider's {decided} decided reports were relevant")
    PROVIDER_URGENT = "score.provider_urgent", _("the provider declared the report urgent and gave a reason")
    SOLICITATION = "score.solicitation", _("contact with a child may be ongoing")
    NEW_MATERIAL = "score.new_material", _("previously unknown material")
    KNOWN_CHILD = "score.known_child", _("the report contains information about a child")
    RECENT = "score.recent", _("seen within the last 24 hours")
    SAME_ACCOUNT = "score.same_account", _("earlier relevant reports about the same account: {times}")
    SAME_ACCOUNT_STATED = (
        "score.same_account_stated",
        _("earlier relevant reports about the same account: {times}, in addition to the provider's statement"),
    )
    DUPLICATE = "score.duplicate", _("stated in the duplicate report {number}")
    STATED = "score.stated", _("report {number}: {reason}")
    # Dangers read from the words of the report (`danger_words`).
    READ_IMMINENT = (
        "score.read_imminent",
        _("words of the report ({words}): a child is being abused, or is about to be"),
    )
    READ_SELF_HARM = (
        "score.read_self_harm",
        _("words of the report ({words}): a child may hurt themselves, or take their own life"),
    )
    READ_LIVE = "score.read_live", _("words of the report ({words}): abuse is shown live")
    READ_ACCESS = (
        "score.read_access",
        _("words of the report ({words}): the reported user lives with, teaches or looks after a child"),
    )
    READ_TRAVEL = "score.read_travel", _("words of the report ({words}): someone travels to meet or abuse a child")
    READ_EXTORTION = "score.read_extortion", _("words of the report ({words}): a child is blackmailed with pictures")
    READ_TRAFFICKING = (
        "score.read_trafficking",
        _("words of the report ({words}): a child is trafficked, or offered for abuse"),
    )
    READ_YOUNG_CHILD = (
        "score.read_young_child",
        _("words of the report ({words}): the child is an infant or very young"),
    )
    # A person's own words.
    WORDS = "score.words", "{reason}"
    SPOT_CHECK = "score.spot_check", _("found urgent in a spot check")


# The reason of each danger that was read from words.
READ = {
    Danger(str(code).removeprefix("score.read_")): code for code in ScoreCode if str(code).startswith("score.read_")
}


def known(code: str) -> bool:
    """Whether this version has a text for the code."""
    return code in ScoreCode or code in MissingCode or code in Danger


def text_of(code: str) -> str:
    """The text of a stored reason's code; the code itself if this version does not know it."""
    if code in Danger:
        return WORDS[Danger(code)]
    return MissingCode.text_of(code) if code in MissingCode else ScoreCode.text_of(code)


def english(code: str, values: Mapping[str, object]) -> str:
    """A stored reason as an English sentence, for machines."""
    return filled(text_of(code), values)
