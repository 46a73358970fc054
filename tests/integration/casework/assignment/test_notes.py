"""Notes: fact or assessment, sealed, for the own organisation alone, disclosed by a lead, erased with the case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import World
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.casework.assignment import erasure, follow, labels, notes, notifications
from tutela.casework.assignment.errors import BadLabel, CaseErased, NoteEmpty, NoteKindMissing, NoteTooLong
from tutela.casework.models import Cause, Label, Note
from tutela.events.errors import Forbidden, NotFound
from tutela.events.models import EventFacts
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.organisations.models import Person
from tutela.reports import retention
from tutela.reports.models import Referral
from tutela.reports.triage import assess

KIND = "report"
TEXT = "The account was named by a hotline on Monday."


def test_a_note_is_kept_sealed_and_read_back(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    notes.add(centre.analyst, KIND, made, "fact", TEXT)
    notes.add(centre.lead, KIND, made, "assessment", "Probably\x0b one person.\r\nNot sure.")
    with acting(centre.analyst):
        first, second = notes.of_case(KIND, made)
        stored = list(Note.objects.filter(subject_id=made).values_list("text", flat=True))
        facts = " ".join(EventFacts.objects.filter(event__subject_id=str(made)).values_list("facts", flat=True))
        assert [one.kind for one in timeline("report", made)].count("case.noted") == 2
    assert (first.kind, first.text) == ("fact", TEXT)
    assert second.text == "Probably  one person.\nNot sure."
    assert all("hotline" not in text for text in stored)
    assert "hotline" not in facts


@pytest.mark.parametrize(
    ("kind", "text", "error"),
    [
        ("", TEXT, NoteKindMissing),
        ("rumour", TEXT, NoteKindMissing),
        ("fact", " \r\n ", NoteEmpty),
        ("fact", "\x00", NoteEmpty),
        ("fact", "x" * 4001, NoteTooLong),
    ],
)
def test_a_note_without_kind_or_text_is_refused(cast: Cast, kind: str, text: str, error: type[Exception]) -> None:
    centre = Centre(cast)
    with pytest.raises(error):
        notes.add(centre.analyst, KIND, centre.file(report()), kind, text)


def test_no_other_organisation_and_no_reader_writes_or_reads(cast: Cast) -> None:
    centre, world = Centre(cast), World(cast)
    made = centre.file(report())
    notes.add(centre.analyst, KIND, made, "fact", TEXT)
    for stranger in (world.lead, cast.actor(cast.authority, "investigator"), cast.actor(cast.auditor, "auditor")):
        with pytest.raises(NotFound):
            notes.add(stranger, KIND, made, "fact", TEXT)
        with acting(stranger):
            assert not Note.objects.filter(subject_id=made).exists()
    # The own organisation's candidate is another organisation's nothing.
    candidate = world.candidate()
    other = cast.actor(cast.other_provider, "lead")
    with pytest.raises(NotFound):
        notes.add(other, "candidate", candidate, "fact", TEXT)
    reader = cast.actor(cast.authority_of("PT"), "analyst")
    with pytest.raises((Forbidden, NotFound)):
        notes.add(reader, "referral", made, "fact", TEXT)


def test_a_note_is_in_nothing_that_leaves_the_centre(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "SK")
    made = centre.file(authority.report())
    notes.add(centre.analyst, KIND, made, "fact", TEXT)
    labels.add(centre.analyst, KIND, made, "monday")
    authority.referred(made)
    from tutela.reports.report_encryption import unseal

    with acting(centre.machine):
        sent = Referral.objects.get(report__report_id=made)
        package = unseal(made, "referral", sent.referral_id, bytes(sent.sealed_body)).decode()
    assert "hotline on Monday" not in package
    assert "monday" not in package


def test_a_lead_discloses_and_nobody_else(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    notes.add(centre.analyst, KIND, made, "assessment", TEXT)
    with pytest.raises(NotFound):
        notes.disclosable(centre.analyst, KIND, made)
    (found,) = notes.disclosable(centre.lead, KIND, made)
    assert (found.kind, found.text, found.by_name) == ("assessment", TEXT, centre.analyst.name)
    with acting(centre.lead):
        assert "notes.exported" in [one.kind for one in timeline("report", made)]


def test_retention_erases_notes_labels_and_notifications(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    follow.follow(centre.lead, KIND, made)
    notes.add(centre.analyst, KIND, made, "fact", TEXT)
    labels.add(centre.analyst, KIND, made, "Series A")
    assess.assess(centre.analyst, made, "unfounded", "x", seen=0, code="other")
    assert len(notifications.own(centre.lead)) == 2
    late = clock.now() + timedelta(days=4000)
    with clock.simulate(late), acting(centre.machine):
        assert list(retention.erase_unfounded(centre.machine, late))
    with acting(centre.analyst):
        assert notes.of_case(KIND, made) == []
        assert not Label.objects.filter(subject_id=made).exists()
    assert notifications.own(centre.lead) == []
    with pytest.raises(CaseErased):
        notes.add(centre.analyst, KIND, made, "fact", TEXT)
    with pytest.raises(CaseErased):
        labels.add(centre.analyst, KIND, made, "late")


def test_a_rejected_candidate_takes_its_notes_with_it(cast: Cast) -> None:
    from tests.support.detection_world import REJECT

    world = World(cast)
    candidate = world.candidate()
    notes.add(world.reviewer, "candidate", candidate, "fact", TEXT)
    world.opened(world.second, candidate, REJECT)
    with acting(world.reviewer):
        assert notes.of_case("candidate", candidate) == []


def test_a_mention_notifies_a_colleague_once_and_a_stranger_never(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    for actor, name in ((centre.lead, f"Zoë Ó Dálaigh {made.hex[:4]}"), (cast.actor(cast.pixelpost, "lead"), "Max X")):
        Person.objects.filter(pk=actor.person_id).update(name=name)
    follow.follow(centre.lead, KIND, made)
    notes.add(centre.analyst, KIND, made, "fact", f"@zoë Ó dálaigh {made.hex[:4]}, @Max X: see this.")
    assert [one.cause for one in notifications.own(centre.lead)] == [Cause.MENTION]
    assert notifications.unread(centre.lead) == 1


def test_labels_are_short_and_once(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    labels.add(centre.analyst, KIND, made, "  Series\tA ")
    labels.add(centre.lead, KIND, made, "series a")
    for bad in ("", "\n", "x" * 41):
        with pytest.raises(BadLabel):
            labels.add(centre.analyst, KIND, made, bad)
    with acting(centre.analyst):
        assert labels.of_case(KIND, made) == ["series a"]
    labels.remove(centre.analyst, KIND, made, "series a")
    labels.remove(centre.analyst, KIND, made, "series a")
    with acting(centre.analyst):
        assert labels.of_case(KIND, made) == []
        erasure.erase(KIND, made)
