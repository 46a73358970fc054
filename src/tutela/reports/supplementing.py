"""What a repetition brings after its report was referred: it follows the referral to every authority that has it.

1. Whether it says something that nobody said before is looked at as it comes (`bringing`).
2. Each authority of which a referral stands gets a package of its own that names that referral: with what is new, the
   facts that point to a country, and the files that were sealed to it. Handling is as it was.
3. It goes the ways of every referral: delivered, fetched or carried, with its own clock, until it is acknowledged.
A report that is not referred yet needs none: it is weighed anew, and its package will carry everything.
"""

from __future__ import annotations

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.ids import case_number, uuid7
from tutela.events.recording import record
from tutela.exchange.referral import Referral as Wire
from tutela.exchange.report import Report as Body
from tutela.exchange.texts import filled
from tutela.organisations import directory
from tutela.organisations.errors import Erased
from tutela.reports import bringing, evidence_out, jurisdiction, referral, standing, triage
from tutela.reports.models import Referral, Report, State
from tutela.reports.sealing import unseal


def follow(actor: Actor, original: Report, row: Report) -> int:
    """Take what a new repetition brings to where its report is: returns how many packages went out.

    Forwarded and not referred yet, the report is weighed anew. Call inside `acting(actor)`, the original locked.
    """
    if original.state not in (State.FORWARD, State.REFERRED, State.ANSWERED):
        return 0
    try:
        body = bringing.news(original, row)
    except Erased:
        return 0  # with its contents went what the new ones could be compared with, and the key of its packages
    if body is None:
        return 0
    if original.state == State.FORWARD:
        triage.resolve(actor, original)
        return 0
    main = standing.referrals_that_stand(original).filter(supplement_to=None).order_by("created_at", "id")
    sent = [_send(actor, original, row, body, one) for one in main]
    return len(sent)


def _send(actor: Actor, original: Report, row: Report, body: Body, main: Referral) -> str:
    package = _package(original, row, body, main)
    number = referral.post(actor, original, directory.entry(main.authority_id), package, main)
    record(
        actor, "report.supplemented", "report", original.report_id, by=row.report_id, referral=main.number,
        supplement=number,
    )  # fmt: skip
    return number


def _package(original: Report, row: Report, body: Body, main: Referral) -> Wire:
    """The package of the referral with what is new in the place of what it carried."""
    before = Wire.from_bytes(unseal(original.report_id, "referral", main.referral_id, bytes(main.sealed_body)))
    found = jurisdiction.resolve(body)
    facts = [*referral.facts_of(one.stored() for one in found.evidence)] or [filled(found.rule, found.values)]
    why = f"Supplement to referral {main.number}: report {row.number} repeats report {original.number} and says more."
    judged = before.assessment.model_copy(
        update={
            "urgent": original.urgent, "urgency_reason": referral.why_urgent(original, [(row, body)]),
            "relevance_reason": f"{why} {before.assessment.relevance_reason}"[: referral.LONGEST],
            "completeness": row.completeness, "missing": referral.lacking([row]),
        }
    )  # fmt: skip
    files = evidence_out.for_package(original, main.authority_id)
    made = before.model_copy(
        update={
            "referral_id": uuid7(), "case_number": case_number("F"), "created_at": clock.now(), "reports": (body,),
            "assessment": judged, "supplement_to": main.referral_id, "more_reports": None,
            "jurisdiction": before.jurisdiction.model_copy(update={"facts": tuple(f[:300] for f in facts[:50])}),
            "duplicates_of": (original.report_id,),
            "evidence": tuple(one for one in files if one.report_id == row.report_id)[:500],
        }
    )  # fmt: skip
    # A copy is not checked; what is read is.
    return Wire.from_bytes(made.to_bytes())
