"""The identity vault: who opens it, what the node holds, and what the person reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.support_world import (
    DAY,
    Support,
    boxed,
    case_of,
    enrolment,
    forget_limits,
    identity_box,
    vault_key_box,
)
from tutela import clock
from tutela.casework.anonymous import inbox, retention
from tutela.events.errors import Conflict, Forbidden, Invalid
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.organisations.vocabulary.roles_and_permissions import PERMISSIONS, permissions_of
from tutela.victims.errors import (
    LastVaultKey,
    NoIdentity,
    NoVaultAccess,
    SupportCaseClosed,
    UnknownVaultKey,
    VaultKeyAdmitted,
)
from tutela.victims.models import EarlierIdentity, SupportCase, VaultIdentity, VaultKey, VaultOpening
from tutela.victims.support import begin, care, rows, work_queue
from tutela.victims.support.begin import SupportInput
from tutela.victims.vault import identities, members

TOLD = "Was told at the appointment."
LABELS = ("arrange an appointment or an interpreter", "contact the person, as they wished")


@pytest.fixture
def world(cast: Cast) -> Support:
    made = Support(cast)
    made.found_vault()
    return made


@pytest.fixture
def case(world: Support) -> UUID:
    return begin.enter(world.analyst, SupportInput("child", "en"))


def test_no_other_role_has_the_permission_to_open_it() -> None:
    holders = {part for part, granted in PERMISSIONS.items() if "vault.open" in granted}
    assert holders == {("victim_support", "analyst")}
    for kind in {kind for kind, _role in PERMISSIONS}:
        assert "vault.open" not in permissions_of(kind, frozenset({"administrator"}))


def test_no_other_desk_and_no_administrator_gets_even_the_ciphertext(world: Support, case: UUID) -> None:
    identities.store(world.analyst, case, identity_box())
    administrator = world.cast.actor(world.support, "administrator")
    for actor in (world.hotline, world.authority, administrator, world.support):
        with pytest.raises(Forbidden):
            identities.open_identity(actor, case, "contact")
    with acting(world.authority):
        assert not VaultIdentity.objects.exists()


def test_a_colleague_opens_it_only_with_a_hardware_key_that_a_member_admitted(world: Support, case: UUID) -> None:
    identities.store(world.analyst, case, identity_box())
    with pytest.raises(NoVaultAccess):
        identities.open_identity(world.colleague, case, "contact")
    key = members.enrol(world.colleague, enrolment(founds=False))
    for act in (
        lambda: identities.open_identity(world.colleague, case, "contact"),
        lambda: members.admit(world.colleague, key, vault_key_box()),
        lambda: identities.store(world.colleague, case, identity_box()),
    ):
        with pytest.raises(NoVaultAccess):
            act()
    members.admit(world.analyst, key, vault_key_box())
    assert identities.open_identity(world.colleague, case, "contact", TOLD).keys[0]["id"] == str(key)
    with pytest.raises(VaultKeyAdmitted):
        members.admit(world.analyst, key, vault_key_box())
    members.end(world.analyst, key)
    with pytest.raises(NoVaultAccess):
        identities.open_identity(world.colleague, case, "contact")
    with pytest.raises(UnknownVaultKey):
        members.end(world.analyst, key)


def test_a_machine_is_no_member_and_nobody_founds_a_vault_twice(world: Support) -> None:
    machine = replace(world.support, permissions=frozenset({"vault.open"}))
    with pytest.raises(NoVaultAccess):
        members.enrol(machine, enrolment(founds=False))
    with pytest.raises(Conflict):
        members.enrol(world.colleague, enrolment(founds=True))


def test_an_opening_has_a_purpose_and_is_recorded_before_the_ciphertext_leaves(world: Support, case: UUID) -> None:
    with pytest.raises(NoIdentity):
        identities.open_identity(world.analyst, case, "contact")
    identities.store(world.analyst, case, identity_box())
    for purpose in ("", "curious"):
        with pytest.raises(Invalid):
            identities.open_identity(world.analyst, case, purpose)
    found = identities.open_identity(world.analyst, case, "appointment", TOLD)
    with acting(world.support):
        (opening,) = VaultOpening.objects.all()
        assert Event.objects.filter(kind="vault_identity.opened", subject_id=str(opening.identity_id)).count() == 1
        assert found.identity == opening.identity.ciphertext


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "[]",
        "Ada Example, born 2010",
        json.dumps({"v": 1, "name": "Ada Example"}),
        json.dumps({**json.loads(identity_box()), "name": "Ada"}),
        json.dumps({**json.loads(identity_box()), "ciphertext": "QWRh"}),
        json.dumps({**json.loads(identity_box()), "v": 2}),
        "[" * 20_000,
    ],
)
def test_what_is_no_ciphertext_of_the_script_is_refused_and_not_stored(world: Support, case: UUID, sent: str) -> None:
    with pytest.raises(Invalid):
        identities.store(world.analyst, case, sent)
    with acting(world.support):
        assert not VaultIdentity.objects.exists()


@pytest.mark.parametrize(
    ("column", "clear"),
    [
        ("private_half", {"key": boxed(138)}),
        ("private_half", {"ciphertext": boxed(32)}),
        ("vault_key", {"key": boxed(32)}),
        ("vault_key", {"ciphertext": boxed(32)}),
    ],
)
def test_the_node_takes_no_key_of_the_vault_in_the_clear(cast: Cast, column: str, clear: dict[str, str]) -> None:
    world, given = Support(cast), enrolment(founds=True)
    with pytest.raises(Invalid) as wrong:
        members.enrol(world.analyst, replace(given, **{column: json.dumps(json.loads(getattr(given, column)) | clear)}))
    assert wrong.value.field == column
    with acting(world.support):
        assert not VaultKey.objects.exists()


def test_no_column_could_hold_a_key_of_the_vault() -> None:
    sealed_or_public = {"public_half", "private_half", "vault_key", "check_value", "fingerprint", "salt", "credential"}
    about = {"id", "organisation_id", "created_at", "person", "person_name"}
    ended = {"admitted_at", "admitted_by", "admitted_by_name", "ended_at"}
    assert {one.name for one in VaultKey._meta.fields} == sealed_or_public | about | ended


@pytest.fixture
def public(cast: Cast) -> Iterator[Support]:
    made = Support(cast, public=True)
    with acting(made.support):
        VaultKey.objects.filter(ended_at=None).update(ended_at=clock.now())
    made.found_vault()
    yield made
    forget_limits()


def test_the_person_reads_every_opening_with_its_purpose(public: Support) -> None:
    person = public.writes("support")
    case = case_of(SupportCase, public, person)
    identities.store(public.analyst, case, identity_box())
    assert 'data-openings="0"' in person.page()
    for purpose in ("contact", "appointment"):
        identities.open_identity(public.analyst, case, purpose)
    page = person.page()
    assert 'data-openings="2"' in page
    assert all(one in page for one in LABELS)
    assert public.analyst.name not in page


def test_the_last_key_does_not_end_while_somebodys_identity_is_stored(world: Support, case: UUID) -> None:
    (founder,) = members.keys(world.analyst)
    identities.store(world.analyst, case, identity_box())
    with pytest.raises(LastVaultKey):
        members.end(world.analyst, founder.pk)
    other = members.enrol(world.colleague, enrolment(founds=False))
    with pytest.raises(LastVaultKey):
        members.end(world.analyst, founder.pk)
    members.admit(world.analyst, other, vault_key_box())
    members.end(world.analyst, founder.pk)
    with pytest.raises(LastVaultKey):
        members.end(world.colleague, other)
    with acting(world.support):
        rows.erase(SupportCase.objects.get(pk=case))
    members.end(world.colleague, other)


def test_what_replaces_an_identity_destroys_nothing_until_the_case_is_erased(world: Support, case: UUID) -> None:
    first, second, third = identity_box(), identity_box(), identity_box()
    for one in (first, second, third):
        identities.store(world.analyst, case, one)
    found = identities.open_identity(world.analyst, case, "correction", TOLD)
    assert [json.loads(one) for one in (found.identity, *(one.ciphertext for one in found.earlier))] == [
        json.loads(one) for one in (third, second, first)
    ]
    with acting(world.support):
        rows.erase(SupportCase.objects.get(pk=case))
        assert set(EarlierIdentity.objects.values_list("ciphertext", flat=True)) == {""}
    with pytest.raises(SupportCaseClosed):
        identities.store(world.analyst, case, identity_box())


def test_the_founders_check_value_stays_whoever_admits_and_whoever_has_left(world: Support) -> None:
    with acting(world.support):
        kept = members.check_value()
    (founder,) = members.keys(world.analyst)
    key = members.enrol(world.colleague, replace(enrolment(founds=False), check_value=boxed(32)))
    members.admit(world.analyst, key, vault_key_box())
    members.end(world.colleague, founder.pk)
    with acting(world.support):
        assert kept == members.check_value() != ""


def test_nobody_founds_a_vault_without_a_check_value(cast: Cast) -> None:
    world = Support(cast)
    for wrong in ("", boxed(16)):
        with pytest.raises(Invalid):
            members.enrol(world.analyst, replace(enrolment(founds=True), check_value=wrong))


def test_an_opening_that_no_page_tells_says_how_the_person_is_told(public: Support) -> None:
    person = public.writes("support")
    entered = begin.enter(public.analyst, SupportInput("child", "en"))
    case = case_of(SupportCase, public, person)
    for one in (entered, case):
        identities.store(public.analyst, one, identity_box())
    with pytest.raises(Invalid) as wrong:
        identities.open_identity(public.analyst, entered, "contact", " ")
    assert wrong.value.field == "told"
    identities.open_identity(public.analyst, entered, "contact", TOLD)
    assert [one.told for one in work_queue.load(public.analyst, entered).openings] == [TOLD]
    identities.open_identity(public.analyst, case, "contact")
    with acting(public.support):
        (conversation,) = inbox.ids_of([person.number])
    inbox.close(public.analyst, conversation, 1)
    with pytest.raises(Invalid):
        identities.open_identity(public.analyst, case, "contact")


def test_a_conversation_is_kept_as_long_as_somebody_could_open_the_identity(public: Support) -> None:
    person = public.writes("support")
    case = case_of(SupportCase, public, person)
    identities.store(public.analyst, case, identity_box())
    for part in ("treatment", "follow_up"):
        care.change(public.analyst, case, part, "not_needed")
    care.close(public.analyst, case)
    assert not erased_with(public, person.number)
    with acting(public.support):
        rows.erase(SupportCase.objects.get(pk=case))
    assert erased_with(public, person.number)


@pytest.mark.parametrize("kind", ["support", "ask-about-pictures", "ask-for-another", "survivors-voice"])
def test_a_conversation_that_goes_on_is_kept(public: Support, kind: str) -> None:
    assert not erased_with(public, public.writes(kind).number)


def erased_with(world: Support, number: str) -> bool:
    """Whether the retention of conversations erases one in which nobody wrote for years."""
    with acting(world.support):
        (conversation,) = inbox.ids_of([number])
        return str(conversation) in {one for _kind, one in retention.erase_idle(world.support, clock.now() + DAY)}
