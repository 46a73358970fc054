"""The policies that a log names follow from the pinned first one, or are refused."""

from __future__ import annotations

import ast
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tlog_policies import OTHERS, Policies, named
from tests.unit.exchange.register.test_policy import KEYS, signed
from tests.unit.exchange.register.test_policy import policy as a_policy
from tests.unit.tlog.test_verify import tiles
from tutela.tlog import policy_check
from tutela.tlog.policy_check import HeldPolicies, RulesRefused, Watch, said
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.tiles import Tiles
from tutela.tlog.verify import Checkpoint, audit

DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)


def check(made: Policies, pin: str = "") -> HeldPolicies:
    found = [one for n, entry in enumerate(made.entries) if (one := said(n, entry)) is not None]
    return policy_check.check(found, made.files.__getitem__, pin)


def first() -> Policies:
    made = Policies()
    made.add(DAY)
    return made


def test_a_chain_from_the_pinned_first_one_holds() -> None:
    made = first()
    made.add(DAY, *KEYS[:3], signers=named(OTHERS))
    made.add(DAY + timedelta(days=90), *OTHERS[1:], organisations=3)
    held = check(made, made.pin)
    assert list(held.digests) == [1, 2, 3]
    assert (held.pin, held.remarks) == (made.pin, [])


def test_digests_and_signatures_are_those_of_the_node_that_makes_them() -> None:
    one = signed(a_policy(), 0, 2)
    policy, signatures = policy_check.read(one.to_bytes())
    assert policy_check.digest_of(policy) == one.policy.fingerprint()
    assert policy_check.signers(policy, signatures, policy) == one.signers_of(one.policy) == ["Signer 0", "Signer 2"]
    assert policy_check.CONTEXT.decode() == "tutela/register-policy/1"


def test_another_first_policy_than_the_pinned_one_is_refused() -> None:
    mine, theirs = first(), Policies()
    theirs.add(DAY, *OTHERS, signers=named(OTHERS))
    assert check(theirs).pin == theirs.pin
    with pytest.raises(RulesRefused, match="is pinned"):
        check(theirs, mine.pin)
    with pytest.raises(RulesRefused, match="names no policy"):
        check(Policies(), mine.pin)


def test_without_a_pin_the_reader_is_told_that_nobody_vouches_for_the_first() -> None:
    held = check(first())
    assert len(held.remarks) == 1
    assert held.pin in held.remarks[0]
    assert "get the digest from one of them" in held.remarks[0]


def test_the_first_is_signed_by_all_and_one_from_before_says_so() -> None:
    made = Policies()
    made.add(DAY, *KEYS[:3])
    with pytest.raises(RulesRefused, match="all of its signers"):
        check(made, made.pin)
    old = Policies()
    old.add(DAY, *KEYS[:3], old=True)
    assert "before all had to" in check(old, old.pin).remarks[0]
    older = Policies()
    older.add(DAY, *KEYS[:2], old=True)
    with pytest.raises(RulesRefused, match="all of its signers"):
        check(older, older.pin)


@pytest.mark.parametrize("by", [KEYS[:2], [KEYS[0], KEYS[0], KEYS[0]], [KEYS[0], KEYS[1], KEYS[4]], OTHERS])
def test_a_change_by_fewer_than_three_of_those_before_is_refused(by: list[object]) -> None:
    made = first()
    made.add(DAY, *by, signers=named(OTHERS))  # type: ignore[arg-type]
    with pytest.raises(RulesRefused, match="3 of the 4 previous signers"):
        check(made, made.pin)


def test_a_change_with_less_notice_is_refused_and_no_earlier_hour_makes_it_longer() -> None:
    made = first()
    made.add(DAY, binds_from=DAY + timedelta(days=30))
    assert len(check(made).digests) == 2
    soon = first()
    soon.add(DAY, binds_from=DAY + timedelta(days=29, hours=23))
    with pytest.raises(RulesRefused, match="less than 30 days"):
        check(soon)
    later = DAY + timedelta(days=20)
    backdated = said(1, made.entries[1], later)
    assert backdated is not None
    with pytest.raises(RulesRefused, match="less than 30 days"):
        policy_check.check([said(0, made.entries[0]), backdated], made.files.__getitem__)  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("late", "holds"), [(None, False), (30, True), (29, False), (-1, False), (60, True), ("soon", None)]
)
def test_a_late_announcement_binds_thirty_days_after_the_hour_of_its_publication(
    late: int | str | None, holds: bool | None
) -> None:
    made, published = first(), DAY + timedelta(days=6)
    made.add(DAY, binds_from=DAY + timedelta(days=30))
    told = json.loads(made.entries[1]) | {"hour": f"{published:%Y-%m-%dT%HZ}"}
    if isinstance(late, int):
        told["binds"] = (published + timedelta(days=late)).isoformat()
    elif late:
        told["binds"] = late
    made.entries[1] = json.dumps(told).encode()
    if holds:
        assert len(check(made).digests) == 2
    else:
        with pytest.raises(RulesRefused, match="cannot be read" if holds is None else "less than 30 days"):
            check(made)


def test_no_entry_lets_a_policy_bind_before_the_day_that_was_signed() -> None:
    made = first()
    made.add(DAY, binds_from=DAY + timedelta(days=60))
    made.entries[1] = json.dumps(json.loads(made.entries[1]) | {"binds": DAY.isoformat()}).encode()
    assert len(check(made).digests) == 2, "what was signed is later, and counts"


def test_a_change_that_names_another_before_it_or_has_another_number_is_refused() -> None:
    made = first()
    made.add(DAY, previous="ab" * 32)
    with pytest.raises(RulesRefused, match="does not name"):
        check(made)
    skipped = first()
    skipped.add(DAY, version=3)
    with pytest.raises(RulesRefused, match="policy 2 is the next"):
        check(skipped)
    twice = first()
    twice.enter(DAY)
    with pytest.raises(RulesRefused, match="policy 2 is the next"):
        check(twice)


def test_another_file_than_the_entry_names_is_refused() -> None:
    made, other = first(), Policies()
    other.add(DAY, organisations=5)
    made.files[1] = other.files[1]
    with pytest.raises(RulesRefused, match="not the one"):
        check(made)


@given(
    st.binary(max_size=60) | st.sampled_from([b"{}", b'{"policy":{},"signatures":[]}', b"[]", b"null", b'"\\ud800"'])
)
def test_a_file_that_is_none_is_refused(data: bytes) -> None:
    made = first()
    made.files[1] = data
    with pytest.raises(RulesRefused):
        check(made)


@given(st.data())
def test_a_changed_byte_of_a_file_is_refused(data: st.DataObject) -> None:
    made = first()
    made.add(DAY)
    good = dict(check(made).digests)
    number = data.draw(st.sampled_from([1, 2]))
    body = bytearray(made.files[number])
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= 1 << data.draw(st.integers(0, 7))
    made.files[number] = bytes(body)
    try:
        held = check(made, made.pin if number == 2 else "")
    except RulesRefused:
        return
    # Under a change one of four signatures may be spoilt, or what is no part of it.
    assert dict(held.digests) == good


def test_an_entry_that_cannot_be_read_is_refused_and_of_others_nothing_is_said() -> None:
    assert said(0, b'{"event": "release.head", "note": "\\"policy.announced\\""}') is None
    assert said(0, b'{"event": "x", "about": "policy.announced"}') is None
    for bad in (b'{"event": "policy.announced"}', b'"policy.announced"', b'{"event":"policy.announced","hour":3}'):
        with pytest.raises(RulesRefused):
            said(7, bad)


def test_while_the_whole_log_is_read_its_policies_are_noted_with_the_latest_hour_before() -> None:
    made, entries = Policies(), [b'{"event": "x", "hour": "2026-02-01T00Z"}'] * 300
    made.add(DAY)
    entries += [*made.entries, *[b'{"event": "x", "hour": "2026-05-01T00Z"}'] * 300]
    made.add(DAY, binds_from=DAY + timedelta(days=31))
    entries.append(made.entries[1])
    files = tiles(entries)
    watch = Watch(Tiles(files.__getitem__))
    audit(watch, Checkpoint("x", len(entries), Tree(files.__getitem__, len(entries)).root))
    assert [(one.index, one.version) for one in watch.found] == [(300, 1), (601, 2)]
    assert [one.since.month for one in watch.found] == [3, 5], "what is entered later was not announced earlier"
    with pytest.raises(RulesRefused, match="less than 30 days"):
        policy_check.check(watch.found, made.files.__getitem__)


def test_it_is_read_beside_the_one_file_and_needs_nothing_more() -> None:
    text = Path(policy_check.__file__).read_text()
    assert len(text.splitlines()) <= 250
    imported = {
        node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    others = {one for one in imported if one.partition(".")[0] not in sys.stdlib_module_names}
    assert {one for one in others if not one.startswith("cryptography")} == {"tutela.tlog.verify"}
