"""Referral package from a Centre to an authority. Works as a message and as a signed file."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.coded_text import CodedText, CodedTexts, coded
from tutela.exchange.message.field_types import Country, Line, Lines, Sha256, Size, Text
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.referral.handling_codes import Evaluation, Handling
from tutela.exchange.referral.reason_codes import RelevanceCode
from tutela.exchange.report import score_reasons
from tutela.exchange.report.report import Report
from tutela.exchange.report.score_reasons import ScoreCode

REFERRAL_CONTEXT = "tutela/referral/1"


class JurisdictionGround(StrEnum):
    """Ground for this Member State: the grounds of DSA Art 18(2), then the fallbacks."""

    PLACE_OF_OFFENCE = "place_of_offence"
    SUSPECT_RESIDES = "suspect_resides"
    VICTIM_RESIDES = "victim_resides"
    PROVIDER_ESTABLISHED = "provider_established"
    EUROPOL_FALLBACK = "europol_fallback"


class Evidence(CodedText):
    """A fact that points to a country, or to none: `code` and `values` name its source."""

    ground: JurisdictionGround
    country: Country | None = None
    at: date | None = None


class Jurisdiction(Wire):
    """The Member State addressed, and the facts that point to it. No country: Europol is asked to find it.

    `facts` are in English; `evidence` and `rule` are the same as codes.
    """

    country: Country | None = None
    ground: JurisdictionGround
    facts: Annotated[tuple[Line, ...], Field(min_length=1, max_length=50)]
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=50)] = ()
    rule: CodedText | None = None


class Assessment(Wire):
    """The Centre's view. Completeness, relevance and urgency are three things, each with its reason.

    The reasons are in English, and the same as codes (`relevance_codes`, `urgency_codes`, `missing_codes`).
    """

    relevant: bool
    relevance_reason: Text
    relevance_codes: CodedTexts = ()
    urgent: bool
    urgency_reason: Text | None = None
    urgency_codes: CodedTexts = ()
    completeness: Annotated[int, Field(ge=0, le=100)]
    missing: Lines = ()
    missing_codes: CodedTexts = ()
    assessed_by: Line
    assessed_at: Moment

    @property
    def relevance_said(self) -> CodedTexts:
        """The reasons as codes that are known here; otherwise the text, as the Centre's own words."""
        if self.relevance_codes and all(one.code in RelevanceCode for one in self.relevance_codes):
            return self.relevance_codes
        return coded([(RelevanceCode.OWN_WORDS, {"reason": self.relevance_reason})])

    @property
    def urgency_said(self) -> CodedTexts:
        """Reasons for urgency as known codes, otherwise the Centre's text; none without reasons."""
        if self.urgency_codes and all(score_reasons.known(one.code) for one in self.urgency_codes):
            return self.urgency_codes
        return coded([(ScoreCode.WORDS, {"reason": self.urgency_reason})]) if self.urgency_reason else ()

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.urgent and not self.urgency_reason:
            raise ValueError("an urgent referral needs a reason")
        return self


class SealedFile(Wire):
    """A file that the Centre keeps sealed to the addressee: which ciphertext it is, and what opening it must give."""

    evidence_id: UUID
    report_id: UUID
    file_id: Line
    sha256: Sha256
    size: Size
    # The addressee's key: SHA-256 of its age recipient.
    key_id: Sha256
    clear_sha256: Sha256
    clear_size: Size
    name: Line | None = None
    media_type: Line | None = None


class SealedFiles(Wire):
    """Sealed files that the Centre keeps for an addressee now, including files added after a package was made."""

    evidence: Annotated[tuple[SealedFile, ...], Field(max_length=5000)] = ()


class Referral(Wire):
    """One or more reports about one thing, with the assessment and the basis of jurisdiction.

    The first report is the main one. Each of the others adds new information to those before it, and `more_reports`
    counts further ones that do not fit. In a supplement, they add to the earlier referral. `duplicates_of` are
    duplicates without new information. With `supplement_to` the package is a supplement to an earlier referral.
    `evidence` names ciphertext sealed to the authority; the Centre cannot open it.
    """

    schema_version: Literal["1"] = "1"
    referral_id: UUID
    case_number: Line
    centre: Line
    authority: Line
    created_at: Moment
    reports: Annotated[tuple[Report, ...], Field(min_length=1, max_length=200)]
    assessment: Assessment
    jurisdiction: Jurisdiction
    more_reports: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    supplement_to: UUID | None = None
    duplicates_of: Annotated[tuple[UUID, ...], Field(max_length=1000)] = ()
    handling: Handling | None = None
    evaluation: Evaluation | None = None
    evidence: Annotated[tuple[SealedFile, ...], Field(max_length=500)] = ()
    addressees: Lines = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if len({report.report_id for report in self.reports}) != len(self.reports):
            raise ValueError("reports must not contain a report twice")
        if self.addressees and self.handling is not None and self.handling.apart:
            raise ValueError("addressees must not be named if the handling code keeps recipients apart")
        return self
