"""Texts to a complainant: the measure, the decision with its reasons, what was undone and what was not.

The sentences of this module name no list, digest, distance, authority, report or other item. The same codes give the
same sentences, whether or not a hold stands. A text is in the person's language as far as the catalogue has it. The
decider's own reasons stand in it as they were written.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from tutela.casework.public_languages.page_language import speaking
from tutela.redress.models import DecisionOutcome, MeasureKind, ReasonCode, StandardReason

# Standard reasons of the draft that a decider edits, by whether the measure stays.
DRAFTS = {
    True: (StandardReason.READ, StandardReason.LOOKED, StandardReason.NOTHING),
    False: (StandardReason.READ, StandardReason.LOOKED, StandardReason.SHOWN),
}


def standard_text(language: str, codes: Iterable[str]) -> str:
    """Standard reasons as one paragraph in a language, in the order of the list."""
    chosen = set(codes)
    with speaking(language):
        return " ".join(str(one.label) for one in StandardReason if one in chosen)


def draft_text(language: str, *, upheld: bool) -> str:
    """The standard reasons from which a decider can begin."""
    return standard_text(language, DRAFTS[upheld])


def unproved_text(language: str, number: str) -> str:
    """What the person is told when a complaint is closed without proof. It neither confirms nor denies a measure."""
    with speaking(language):
        return "\n\n".join(
            [
                _("We close your complaint %(number)s without a decision.") % {"number": number},
                _("We do not know whether the account is yours. So we say nothing about it."),
                _("You can complain again. You then need a code from the service or the number of the decision."),
                _("You can also go to a court of your country, or complain to the Digital Services Coordinator."),
            ]
        )


def decision_text(
    language: str,
    number: str,
    measure: str,
    outcome: str,
    reason: str,
    *,
    standard: Iterable[str] = (),
    reasons: str = "",
) -> str:
    """What the person is told with the decision: `standard` are codes of reasons, `reasons` the decider's own."""
    with speaking(language):
        ours = [one for one in (standard_text(language, standard), reasons.strip()) if one]
        parts = [
            _("We have decided your complaint %(number)s. A person decided who had not decided before.")
            % {"number": number},
            _("Your complaint was about: %(measure)s.") % {"measure": _public_measure(measure)},
            _("Our decision: %(outcome)s.") % {"outcome": DecisionOutcome(outcome).label},
            _("Reason: %(reason)s.") % {"reason": _public_reason(reason)},
            *([_("Our reasons:"), *ours] if ours else []),
        ]
        if outcome == DecisionOutcome.UPHOLD:
            parts += [
                _("If you disagree, you can use a certified body for out-of-court settlement, for little or no money."),
                _("You can also go to a court of your country, or complain to the Digital Services Coordinator."),
            ]
        else:
            parts += [
                _("We made an error. We are sorry."),
                _("We undo the measure and tell whoever had this decision from us."),
                _("We write here again when it is done."),
            ]
        return "\n\n".join(parts)


def correction_text(language: str, number: str, undone: Iterable[str], not_undone: Iterable[str]) -> str:
    """What the person is told once every recipient has answered."""
    with speaking(language):
        parts = [
            _("Your complaint %(number)s: the correction is finished.") % {"number": number},
            _("The measure against you was an error."),
            _("Undone:") + "".join(f"\n- {one}" for one in _lines(undone, _undone())),
            _("Everybody who had this decision from us was told that it was an error, and has answered."),
        ]
        rest = _lines(not_undone, _not_undone())
        if rest:
            parts.append(_("This could not be undone:") + "".join(f"\n- {one}" for one in rest))
        parts.append(_("If you had damage, you can ask for compensation. A court of your country can decide about it."))
        return "\n\n".join(parts)


def misuse_text(language: str, kind: str, until: str = "") -> str:
    """A warning, or the end of handling for a time (DSA Art. 23(2))."""
    with speaking(language):
        if kind == "warned":
            return "\n\n".join(
                [
                    _("You sent several complaints that were manifestly unfounded."),
                    _("If you send further ones, we will not handle your complaints for some time."),
                ]
            )
        return "\n\n".join(
            [
                _("You sent further complaints that were manifestly unfounded after our warning."),
                _("We do not handle your complaints until %(until)s.") % {"until": until},
                _("You can complain about this to the Digital Services Coordinator."),
            ]
        )


def _public_measure(measure: str) -> str:
    """The measure as the person may read it: never whether somebody was told of it."""
    kind = MeasureKind(measure)
    return str(MeasureKind.OTHER.label if kind == MeasureKind.REPORT else kind.label)


def _public_reason(reason: str) -> str:
    """The reason as the person may read it: nothing about matches or lists, which would show how detection works."""
    return {
        ReasonCode.CHANCE: _("the measure rested on an error"),
        ReasonCode.LISTED_IN_ERROR: _("the measure rested on an error"),
        ReasonCode.OTHER_ITEM: _("the measure rested on an error"),
        ReasonCode.LAWFUL_CONTEXT: _("the content is lawful"),
        ReasonCode.WRONG_ACCOUNT: _("the wrong account was affected"),
        ReasonCode.WRONG_ADDRESS: _("the wrong address was affected"),
        ReasonCode.OTHER: _("the measure rested on an error"),
        ReasonCode.ILLEGAL: _("we find that the content is illegal"),
        ReasonCode.TERMS: _("the terms of the service forbid the content"),
        ReasonCode.REPEATED: _("the same complaint was decided before, and nothing is new"),
        ReasonCode.MANIFEST: _("the complaint is manifestly unfounded"),
        ReasonCode.SUSPENDED: _("we do not handle your complaints at this time"),
    }[ReasonCode(reason)]


def _lines(codes: Iterable[str], texts: dict[str, str]) -> list[str]:
    return [texts[one] for one in codes]


def _undone() -> dict[str, str]:
    return {
        MeasureKind.REMOVAL: _("the content is available again"),
        MeasureKind.ACCOUNT: _("the account is open again"),
        MeasureKind.VISIBILITY: _("the content is visible as before"),
        MeasureKind.REPORT: _("the measure was undone"),
        MeasureKind.NO_ACTION: _("your notice was acted on"),
        MeasureKind.OTHER: _("the measure was undone"),
    }


def _not_undone() -> dict[str, str]:
    return {
        "time": _("the time in which the measure was in effect"),
        "erased": _("content that was deleted and that we do not have any longer"),
        "kept": _("the measure, for a separate reason that we told you"),
    }
