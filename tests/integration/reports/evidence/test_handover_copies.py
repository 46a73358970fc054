"""Sealed files where a report has several copies, where one came back, where it is repeated, and where one is late."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.integration.reports.intake.test_cybertip_submission import Esp, tip
from tests.support import sealed
from tests.support.cast import Cast
from tests.support.cybertips import report as document
from tests.support.cybertips import user
from tests.support.reports_copies import States
from tutela import clock
from tutela.events.errors import NotFound
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.referral import offline_files, unsealing
from tutela.exchange.referral.outcome import Acknowledgement, Outcome, OutcomeKind, ReleaseLevel
from tutela.investigations.inbox import offline_files as inbox_offline_files
from tutela.organisations.keys import sealed_files
from tutela.organisations.people import encryption_recipients
from tutela.reports.errors import ReferralUndone
from tutela.reports.evidence import handover, presealed, resealing, storage
from tutela.reports.models import Evidence, Report
from tutela.reports.referrals import offline_files as referrals_offline_files
from tutela.reports.referrals import outcomes, refer

CONTENT = b"a quay in the rain" * 500
type Made = Callable[..., States]


@pytest.fixture
def states(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Made:
    return lambda *countries: States(cast, monkeypatch, *countries)


def keep(world: States, report_id: UUID, country: str, file_id: str = "a") -> Evidence:
    """A file of a report, kept for the authority of a country."""
    actor = world.actors[country]
    if encryption_recipients.current(actor.organisation_id) is None:
        sealed.key(actor)
    to = encryption_recipients.current(actor.organisation_id)
    assert to
    part = sealed_files.begin()
    part.write(sealed.sealed(CONTENT, to.text))
    inside = storage.Inside("quay.jpg", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    with acting(world.centre.machine):
        origin = storage.Origin(report_id, world.cast.pixelpost.organisation_id, "native", file_id)
        made = storage.keep(world.centre.machine, origin, storage.Sealed(part, to, inside))
    assert made
    return made


def there(world: States, row: Evidence) -> bool:
    with acting(world.centre.machine):
        row.refresh_from_db()
    return row.gone_at is None and sealed.there(row.name) is not None


def acknowledge(world: States, report_id: UUID, country: str) -> None:
    sent = world.newest(report_id, country)
    message = Acknowledgement(
        referral_id=sent.referral_id, referral_sha256=sent.sha256, received_at=clock.now(), authority="Kriminalamt"
    )
    outcomes.acknowledge(world.centre.machine, world.actors[country], message)


def test_a_file_that_came_late_outlives_the_acknowledgement(states: Made) -> None:
    world = states("SK")
    made = world.filed("SK")
    named = keep(world, made, "SK", "named")
    refer.refer(world.centre.analyst, made)
    late = keep(world, made, "SK", "late")
    acknowledge(world, made, "SK")
    assert (there(world, named), there(world, late)) == (False, True)
    mine = world.actors["SK"]
    sent = world.newest(made, "SK").referral_id
    assert [one.evidence_id for one in handover.of_referral(world.centre.machine, mine, sent)] == [late.pk]
    handover.arrived(world.centre.machine, mine, late.pk)
    assert not there(world, late)


def test_the_signed_file_holds_what_came_late_and_the_tool_opens_it(states: Made, tmp_path: Path) -> None:
    world = states("SK")
    identity = sealed.key(world.actors["SK"])
    made = world.filed("SK")
    keep(world, made, "SK", "named")
    refer.refer(world.centre.analyst, made)
    late = keep(world, made, "SK", "late")
    file = tmp_path / "referral.zip"

    def write() -> int:
        sent = world.newest(made, "SK").referral_id
        file.write_bytes(b"".join(referrals_offline_files.write(world.centre.analyst, made, sent)))
        return inbox_offline_files.open_file(world.actors["SK"], file).files

    assert write() == 2
    entries = unsealing.entries_in(file)
    found = [unsealing.open_sealed(one, [identity], tmp_path, entries) for one in unsealing.sealed_in(file)]
    assert [(one.checked, one.target.read_bytes()) for one in found] == [(True, CONTENT)] * 2
    acknowledge(world, made, "SK")
    write()
    assert [one.name.rpartition(":")[2] for one in unsealing.sealed_in(file)] == [f"{late.pk}.age"]


def test_what_is_said_of_late_files_is_signed_too(states: Made, tmp_path: Path) -> None:
    import zipfile

    world = states("SK")
    made = world.referred("SK")
    keep(world, made, "SK", "late")
    file, forged = tmp_path / "referral.zip", tmp_path / "forged.zip"
    sent = world.newest(made, "SK").referral_id
    file.write_bytes(b"".join(referrals_offline_files.write(world.centre.analyst, made, sent)))
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(forged, "w") as new:
        for name in old.namelist():
            # The package's own envelope is of the same key, and of another context.
            new.writestr(name, old.read(offline_files.SIGNED if name == offline_files.LATE else name))
    with pytest.raises(offline_files.ExchangeError):
        inbox_offline_files.open_file(world.actors["SK"], forged)


def test_what_is_sealed_to_the_second_addressee_is_not_deleted_by_the_first_copy(states: Made) -> None:
    world = states("SI", "SK")
    made = world.filed("SI", "SK")
    files = [keep(world, made, country) for country in ("SI", "SK")]
    refer.refer(world.centre.analyst, made)
    assert world.standing(made) == ["SI", "SK"]
    assert all(there(world, one) for one in files)
    assert "question" not in world.centre.told(made)
    assert [len(one.evidence) for one in world.packages(made).values()] == [1, 1]


def test_further_files_are_sealed_to_who_leads(states: Made) -> None:
    world = states("SI", "SK")
    made = world.referred("SI", "SK")
    with acting(world.centre.machine):
        found = presealed.addressee_of(Report.objects.get(report_id=made))
    assert found is not None
    assert found.name == world.names["SI"]


def test_a_returned_referral_is_neither_acknowledged_nor_answered(states: Made) -> None:
    world = states("SK")
    made = world.filed("SK")
    file = keep(world, made, "SK")
    refer.refer(world.centre.analyst, made)
    world.give_back(made, "SK", "PT")
    with pytest.raises(ReferralUndone):
        acknowledge(world, made, "SK")
    said = Outcome(
        outcome_id=uuid7(),
        referral_id=world.newest(made, "SK").referral_id,
        kind=OutcomeKind.TAKEN_UP,
        at=clock.now(),
        authority="Kriminalamt",
        release=ReleaseLevel.CENTRE_ONLY,
    )
    with pytest.raises(ReferralUndone):
        outcomes.take_outcome(world.centre.machine, world.actors["SK"], said)
    assert there(world, file)


def test_who_gave_a_copy_back_learns_nothing_of_the_other_one(states: Made) -> None:
    world = states("SI", "SK", "IT")
    made = world.filed("SI", "SK")
    file = keep(world, made, "SI")
    keep(world, made, "SK")
    sealed.key(world.actors["IT"])
    refer.refer(world.centre.analyst, made)
    world.give_back(made, "SI", "PT")  # nobody has it now
    mine = world.actors["SI"]
    assert resealing.next_of(world.centre.machine, mine, file.pk) is None
    world.give_back(made, "SK", "IT")
    found = resealing.next_of(world.centre.machine, mine, file.pk)
    assert found is None or found.authority == world.names["IT"]


def test_who_has_the_file_already_keeps_its_own(states: Made) -> None:
    world = states("SI", "IT")
    made = world.filed("SI")
    file = keep(world, made, "SI")
    sealed.key(world.actors["IT"])
    refer.refer(world.centre.analyst, made)
    world.give_back(made, "SI", "IT")
    genuine = keep(world, made, "IT")
    to = encryption_recipients.current(world.actors["IT"].organisation_id)
    assert to
    false = sealed.sealed(b"x" * len(CONTENT), to.text)
    kept = resealing.take(world.centre.machine, world.actors["SI"], file.pk, to.key_id, io.BytesIO(false).read)
    assert kept.pk == genuine.pk
    assert (there(world, genuine), there(world, file)) == (True, False)
    assert not list(sealed_files.folder().rglob("*.part"))


def test_what_repeats_a_report_is_sealed_to_who_has_that_report(states: Made) -> None:
    world = states("SK", "IT")
    made = world.filed("SK")
    from tutela.reports.referrals import country_override

    country_override.choose_country(world.centre.lead, made, "IT", "A letter says so")
    refer.refer(world.centre.analyst, made)
    repeated = world.repeat(made)
    with acting(world.centre.machine):
        row = Report.objects.select_related("duplicate_of").get(report_id=repeated)
        found = presealed.addressee_of(row)
    assert row.duplicate_of is not None
    assert found is not None
    assert found.name == world.names["IT"]


def test_a_cybertip_s_file_is_sealed_anew_by_its_first_addressee_for_who_has_the_report(
    cast: Cast, states: Made
) -> None:
    from tutela.reports.referrals import country_override
    from tutela.reports.triage import assess

    world = states("SK", "IT")
    sealed.basis(cast)
    first_key, identity = (sealed.key(world.actors[country]) for country in ("SK", "IT"))
    esp, name = Esp(cast), str(uuid4())
    said = document(
        after=user(
            f"<screenName>{name}</screenName><estimatedLocation><countryCode>SK</countryCode></estimatedLocation>"
        )
    )

    def finished() -> UUID:
        number = esp.submit(said)
        esp.upload(number, CONTENT)
        assert esp.finish(number).findtext("responseCode") == "0"
        return UUID(str(tip(cast, number).report_id))

    def kept(report_id: UUID) -> list[Evidence]:
        with acting(cast.centre):
            return list(Evidence.objects.filter(report_id=report_id, gone_at=None))

    first = finished()
    assert len(kept(first)) == 1
    assess.assess(world.centre.analyst, first, "forward", "", seen=0)
    country_override.choose_country(world.centre.lead, first, "IT", "A letter says so")
    refer.refer(world.centre.analyst, first)
    second = finished()
    assert world.row(second).duplicate_of is not None
    centre, before, now = world.centre.machine, world.actors["SK"], world.actors["IT"]
    to = encryption_recipients.current(now.organisation_id)
    assert to is not None
    for report_id in (first, second):
        (old,) = kept(report_id)
        assert old.addressee_id == before.organisation_id, "nobody else opens it, and nobody can send it again"
        assert "question" not in world.centre.told(report_id)
        listed = {one.evidence.evidence_id: one for one in resealing.pending_resealing(centre, before).files}
        assert (listed[old.pk].referral_id, listed[old.pk].to.authority) == (None, world.names["IT"])  # type: ignore[union-attr]
        for stranger in (now, cast.authority):
            with pytest.raises(NotFound):
                handover.fetch(centre, stranger, old.pk)
        with pytest.raises(NotFound):
            handover.arrived(centre, before, old.pk)
        clear = sealed.opened(b"".join(handover.fetch(centre, before, old.pk)[1]), first_key)
        anew = io.BytesIO(sealed.sealed(clear, to.text))
        new = resealing.take(centre, before, old.pk, to.key_id, anew.read)
        assert [one.pk for one in kept(report_id)] == [new.pk]
        assert sealed.opened(b"".join(handover.fetch(centre, now, new.pk)[1]), identity) == CONTENT
        assert old.pk not in [one.evidence.evidence_id for one in resealing.pending_resealing(centre, before).files]
