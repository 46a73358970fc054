"""Labels for the codes that the database and the formats hold.

A code without a label is shown as it is.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from tutela.detection.cybertipline.faults import TipFault
from tutela.events.purposes import VOCABULARY
from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.referral.reason_codes import EvidenceCode, ReasonCode, RelevanceCode, RuleCode
from tutela.exchange.register.reason_codes import AlertDetail, CertificationFault, HoldReason
from tutela.exchange.report.age_and_gender import AGE_WORDS, GENDER_WORDS, Gender
from tutela.exchange.report.circulation import WORDS as SPREADING
from tutela.exchange.report.completeness import MissingCode
from tutela.exchange.report.dangers import WORDS as DANGERS
from tutela.exchange.report.hints import HintCode
from tutela.exchange.report.score_reasons import ScoreCode
from tutela.exchange.report.unfounded_reasons import WORDS as UNFOUNDED
from tutela.indicators.imports.line_faults import LineFault
from tutela.indicators.partner_lists.faults import SourceFault
from tutela.law.pause_reasons import PauseReason
from tutela.organisations.messages.faults import DeliveryFault
from tutela.organisations.vocabulary.roles_and_permissions import SCOPE_LABELS, Role
from tutela.reports.state.surge_codes import SurgeEndCode
from tutela.victims.information import identity

# Values of closed vocabularies, as they stand in formats and columns.
CODES: dict[str, Promise | str] = {
    "all": _("all"),
    "country": _("country"),
    "kind": _("kind"),
    "prosecution": _("prosecution"),
    "victims": _("victims"),
    "report_language": _("language of the report"),
    "account_language": _("language of the account"),
    "account_residence": _("where the account's holder lives"),
    "account_age": _("age of the account's holder, as stated"),
    "account_gender": _("gender of the account's holder, as stated"),
    "child_age": _("age of the child, as stated"),
    "child_gender": _("gender of the child, as stated"),
    **{str(one): _(text) for one, text in AGE_WORDS.items()},
    **{str(one): _(text) for one, text in GENDER_WORDS.items() if one is not Gender.OTHER},
    **dict(Role.choices),
    "suspended": _("suspended"),
    "unverified": _("not verified"),
    "verified": _("verified"),
    "active": _("active"),
    "current": _("current"),
    "retired": _("retired"),
    "revoked": _("revoked"),
    "acknowledged": _("acknowledged"),
    "billing": _("billing account"),
    "linked": _("linked account"),
    "business": _("business account"),
    "creator": _("creator account"),
    "guardian": _("parent or guardian"),
    "associated": _("associated account"),
    "assessed_relevant": _("Assessed as relevant"),
    "candidate.expired": _("Undecided candidates"),
    "candidate.rejected": _("Rejected candidates"),
    "report.unfounded": _("Contents of unfounded and erroneous reports"),
    "report.closed": _("Contents of reports whose referral was closed"),
    "report.kept": _("Contents of all other reports at the Centre"),
    "web": _("web page"),
    "onion": _("onion service"),
    "ipfs_gateway": _("gateway of a distributed network"),
    "decentralised": _("distributed network"),
    "shortener": _("short link"),
    "ip_literal": _("IP address"),
    "complaint.closed": _("Texts of closed complaints"),
    "removal.withdrawn": _("Contents of withdrawn removal requests"),
    "removal.closed": _("Contents of closed removal requests"),
    "removal.found": _("Contents of decided items of removal requests"),
    "hand_over.ended": _("Words of ended hand-overs"),
    "information.closed": _("Contents of answered information requests"),
    "support.closed": _("Contents of closed support cases"),
    "data_request.closed": _("Texts of answered requests of data subjects"),
    "takedown.closed": _("Addresses and texts of closed takedown cases"),
    "order.closed": _("Contents of answered orders at an authority"),
    "hosting.decided": _("Addresses and texts of decided notices at a host"),
    "referral.closed": _("Packages of closed referrals at an authority"),
    "referral.kept": _("Packages of all other referrals at an authority"),
    "centre_only": _("for the Centre only"),
    "charged": _("charged"),
    "closed": _("closed"),
    "convicted": _("convicted"),
    "coordinating_authority": _("Coordinating Authority"),
    "deactivated": _("deactivated"),
    "detection_order": _("detection order"),
    "europol": "Europol",
    "europol_fallback": _("no country could be resolved"),
    "exact-legacy": _("exact copy by an old digest (weak)"),
    "exact-sha256": _("exact copy"),
    "near-frame": _("visually similar to a frame of a listed video"),
    "near-pdq": _("visually similar"),
    "near-segment": _("shares a scene with a listed video"),
    "near-video": _("the same video, or a part of it"),
    "near-stretched": _("visually similar once its contrast is stretched"),
    "near-restored": _("visually similar once an edit is undone"),
    "near-window": _("a part is visually similar"),
    "expired": _("expired"),
    "sha256": "SHA-256",
    "sha1": "SHA-1",
    "md5": "MD5",
    "pdq": "PDQ",
    "frames": _("hashes of video frames"),
    "feedback": _("feedback to the provider"),
    "hold": _("hold"),
    "hold_end": _("end of a hold"),
    "return": _("returned referral"),
    "match": _("match feedback"),
    "hotline": _("hotline"),
    "hosting": _("hosting"),
    "image": _("picture"),
    "inbound.answers": _("Answers to messages"),
    "interpersonal": _("interpersonal communication"),
    "interpersonal_communication": _("interpersonal communication"),
    "list_matched": _("Matched a list"),
    "known": _("known material"),
    "classifier": _("classifier"),
    "hash": _("hash matching"),
    "user_report": _("user reports"),
    "manual": _("by hand"),
    "new": _("new material"),
    "no_action": _("no action"),
    "not_relevant": _("not relevant"),
    "opened_by_hand": _("Report opened by hand"),
    "own_motion": _("own initiative"),
    "paused": _("paused"),
    "person_identified": _("person identified"),
    "place_of_offence": _("place of the offence"),
    "preserved": _("Preserved data"),
    "private": _("private"),
    "provider": _("for the provider too"),
    "provider_established": _("where the provider is established"),
    "public": _("public"),
    "public_authority": _("public authority"),
    "put_first": _("Prioritised as urgent"),
    "received": _("received"),
    "referral": _("referral"),
    "referral_made": _("Referred"),
    "referred": _("referred"),
    "report": _("report"),
    "retraction": _("retraction of a report"),
    "relevant": _("relevant"),
    "report_issued": _("Report sent"),
    "reviewer_confirmed": _("Confirmed by a reviewer"),
    "reviewer_rejected": _("Rejected by a reviewer"),
    "running": _("running"),
    "solicitation": _("solicitation"),
    "statistics": _("for statistics too"),
    "stopped": _("done"),
    "suspect_resides": _("where the reported user resides"),
    "taken_up": _("taken up"),
    "text": _("text"),
    "unopened": _("unopened"),
    "upload_seen": _("Item seen on the service"),
    "user_flag": _("flagged by a user"),
    "stands": _("remains valid despite the retraction"),
    "victim_identified": _("victim identified"),
    "victim_resides": _("where the victim resides"),
    "video": _("video"),
    "viewed": _("viewed"),
    "withdrawal": _("withdrawal"),
    "withdrawal_taken": _("withdrawals received"),
    **{code: said[0] for code, said in identity.METHODS.items()},
    **SCOPE_LABELS,
    **{one.value: gettext_lazy(text) for one, text in DANGERS.items()},
    **{one.value: gettext_lazy(text) for one, text in SPREADING.items()},
}


# Texts of the codes that rows and messages store with values.
FAMILIES: tuple[type[TextCode], ...] = (
    AlertDetail,
    CertificationFault,
    DeliveryFault,
    EvidenceCode,
    HintCode,
    HoldReason,
    LineFault,
    MissingCode,
    PauseReason,
    ReasonCode,
    RelevanceCode,
    RuleCode,
    ScoreCode,
    SourceFault,
    SurgeEndCode,
    TipFault,
)
TEXTS: dict[str, str] = {
    **{one.value: one.text for family in FAMILIES for one in family},
    **{one.value: text for one, text in DANGERS.items()},
    **{one.value: text for one, text in UNFOUNDED.items()},
}


def text_of(code: str) -> str:
    """The text of a stored code in the reader's language, before its values are filled in.

    Anything else is shown as it is: a code of a newer version, or a text that a person typed.
    """
    return gettext(TEXTS[code]) if code in TEXTS else code


def of_code(code: object) -> str:
    """The word for a code; several codes, as a list or divided by commas, become a list of words."""
    if isinstance(code, str) and ", " in code:
        code = code.split(", ")
    if isinstance(code, (list, tuple)):
        return ", ".join(of_code(one) for one in code)
    return str(CODES.get(str(code), code))


def of_purpose(code: str) -> str:
    """The text of a purpose, whatever kind of organisation's vocabulary it is from."""
    return next((str(texts[code]) for texts in VOCABULARY.values() if code in texts), code)
