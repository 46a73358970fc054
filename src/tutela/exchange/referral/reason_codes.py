"""Reasons of a Centre in a referral, as codes: jurisdiction rule, location evidence, relevance."""

from __future__ import annotations

from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _


class RuleCode(TextCode):
    """The rule that decided on the Member State: a whole sentence for each ground."""

    ONE_RESIDENCE = "rule.one_residence", _("Only one country is named as the reported user's residence.")
    ONE_OFFENCE = "rule.one_offence", _("Only one country is named as the place of the offence.")
    ONE_VICTIM = "rule.one_victim", _("Only one country is named as the victim's residence.")
    STRONGEST_RESIDENCE = (
        "rule.strongest_residence",
        _(
            "The evidence for the reported user's residence in this country weighs at least twice as much as for any "
            "other."
        ),
    )
    STRONGEST_OFFENCE = (
        "rule.strongest_offence",
        _("The evidence for the offence in this country weighs at least twice as much as for any other."),
    )
    STRONGEST_VICTIM = (
        "rule.strongest_victim",
        _("The evidence for the victim's residence in this country weighs at least twice as much as for any other."),
    )
    SEVERAL_RESIDENCES = (
        "rule.several_residences",
        _(
            "Several countries are named as the reported user's residence ({countries}), so the "
            "result is not sufficiently certain."
        ),
    )
    SEVERAL_OFFENCES = (
        "rule.several_offences",
        _(
            "Several countries are named as the place of the offence ({countries}), so the result "
            "is not sufficiently certain."
        ),
    )
    SEVERAL_VICTIMS = (
        "rule.several_victims",
        _(
            "Several countries are named as the victim's residence ({countries}), so the result "
            "is not sufficiently certain."
        ),
    )
    SETTLED = (
        "rule.settled",
        _(
            "Several countries are named as the reported user's residence. The place of the offence is one of them "
            "and decides."
        ),
    )
    COPIES = (
        "rule.copies",
        _("Reported users or victims are clearly in several states ({countries}). Each state receives a copy."),
    )
    ABROAD = (
        "rule.abroad",
        _(
            "The reported user resides outside the Union. The Member State in which the offence "
            "took place comes first ({countries})."
        ),
    )
    UNCERTAIN = (
        "rule.uncertain",
        _(
            "All addressed countries are outside the Union ({countries}). One of several states "
            "may be concerned ({contested}), but this is not sufficiently certain. Europol comes "
            "first."
        ),
    )
    NOTHING = "rule.nothing", _("No evidence points to a Member State.")
    TOO_LITTLE = "rule.too_little", _("The evidence for a country is too weak to decide.")
    CHOSEN = "rule.chosen", _("Chosen by {name}: {reason}")
    RETURNED = "rule.returned", _("Returned by {name}.")


class EvidenceCode(TextCode):
    """The source of a piece of evidence for a country."""

    RESIDENCE = "evidence.residence", _("declared residence")
    ACCOUNT_COUNTRY = "evidence.account_country", _("country of the account")
    LANGUAGE = "evidence.language", _("language of the account: {language}")
    POSTAL = "evidence.postal", _("postal address")
    POSTAL_AMBIGUOUS = (
        "evidence.postal_ambiguous",
        _("postal address ends with {code}: either a country or a state of the United States"),
    )
    PHONE = "evidence.phone", _("phone prefix {prefix}")
    ADDRESS_SHARED = "evidence.address_shared", _("address {address}: shared by many subscribers, shows no country")
    ADDRESS_RESERVED = "evidence.address_reserved", _("address {address}: private or reserved, shows no country")
    ADDRESS_UNKNOWN = "evidence.address_unknown", _("address {address}: no country known")
    ADDRESS_HIDES = "evidence.address_hides", _("address {address} hides its user ({hint}); {edition}")
    ADDRESS_REGISTERED = (
        "evidence.address_registered",
        _("address {address}, registered in this country; {edition}"),
    )
    ADDRESS_OTHER_DATE = (
        "evidence.address_other_date",
        _("address {address}, located by a table of another date; {edition}"),
    )
    ADDRESS_WITH_PORT = "evidence.address_with_port", _("address {address} with its port; {edition}")
    ADDRESS = "evidence.address", _("address {address}; {edition}")
    STATED_HIDES = "evidence.stated_hides", _("location from {source}, which hides the user")
    STATED_COORDINATES = "evidence.stated_coordinates", _("location from coordinates ({source})")
    STATED = "evidence.stated", _("location from {source}")
    STATED_UNNAMED = "evidence.stated_unnamed", _("location from an unnamed source")


class RelevanceCode(TextCode):
    """Reason why a referred report is relevant. `OWN_WORDS`: text of a person at the Centre."""

    OWN_WORDS = "relevance.words", "{reason}"
    ASSESSED = "relevance.assessed", _("Assessed as relevant.")
    EXACT_COPIES = (
        "relevance.exact",
        _("Every item is an exact copy of an active indicator of the register."),
    )
    SUPPLEMENT_OF_ONE = (
        "relevance.supplement_of_one",
        _(
            "Supplement to referral {referral}: report {number} is a duplicate of report {original} and has new "
            "information."
        ),
    )
    SUPPLEMENT_OF_SEVERAL = (
        "relevance.supplement_of_several",
        _(
            "Supplement to referral {referral}: {count} reports are duplicates of report {original} and have new "
            "information; first report {number}."
        ),
    )
    FOUND_URGENT = (
        "relevance.found_urgent",
        _("Supplement to referral {referral}: the Centre checked report {number} again and found it urgent."),
    )


class ReasonCode(TextCode):
    """Reason why the register itself suspends or revokes an indicator; a person's reason is stored as written."""

    FALSE_POSITIVES = "reason.false_positives", _("Two or more providers report false positives.")
    HELD = "reason.held", _("Held as unusual.")
    NOT_CERTIFIED = "reason.not_certified", _("Not certified in time.")
    TOO_FEW = "reason.too_few", _("Too few valid certifications.")
