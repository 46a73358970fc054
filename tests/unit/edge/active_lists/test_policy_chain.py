"""An Edge follows the register's policies from the first one: pinned, or the first that it saw."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.edge_centre import LIST, NOW, POLICY, Centre, Edge
from tests.support.tlog_policies import OTHERS, Policies, named
from tests.unit.exchange.register.test_policy import KEYS
from tutela import clock
from tutela.edge.errors import StateDamagedError
from tutela.edge.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("at_now")
DAY = NOW - timedelta(hours=1)


class Registers:
    """A Centre whose log names policies. `announce` makes the next one, and serves it."""

    def __init__(self) -> None:
        self.centre, self.policies = Centre(), Policies()
        self.centre.public.enter({"event": "x"})

    def announce(self, *by: object, serve: bool = True, **change: object) -> None:
        self.policies.add(DAY, *by, **change)  # type: ignore[arg-type]
        number = len(self.policies.files)
        index = self.centre.public.raw(self.policies.entries[-1])
        if serve:
            self.centre.answers[f"/log/register-policy/{number}"] = self.policies.files[number]
            self.centre.answers[f"/log/register-policy/{number}/proof"] = self.centre.public.proof(index)

    def edge(self, folder: Path, pin: str = "") -> Edge:
        return Edge(self.centre, folder, POLICY, pin=pin)


@pytest.fixture
def register() -> Registers:
    made = Registers()
    made.announce()
    made.centre.publish(3, 1)
    return made


def polled(edge: Edge) -> str:
    """The alert of a poll; empty where it went well."""
    before = len(edge.alerts)
    edge.sync.poll()
    return edge.alerts[-1] if len(edge.alerts) > before else ""


def told(edge: Edge) -> dict[str, object]:
    live = edge.lists.get(LIST)
    assert live is not None
    return live.log["register_policy"]  # type: ignore[no-any-return]


def test_a_list_is_used_under_the_pinned_policy_and_under_no_other(register: Registers, tmp_path: Path) -> None:
    pin = register.policies.pin
    edge = register.edge(tmp_path / "a", pin)
    assert (polled(edge), edge.version) == ("", 1)
    assert told(edge) == {"first": pin, "pinned": True, "checked": 1}
    other = register.edge(tmp_path / "b", "ab" * 32)
    assert (polled(other), other.version) == ("policy_refused", 0)


def test_the_first_that_is_seen_counts_where_none_is_pinned(register: Registers, tmp_path: Path) -> None:
    edge = register.edge(tmp_path / "a")
    assert polled(edge) == ""
    assert told(edge) == {"first": register.policies.pin, "pinned": False, "checked": 1}
    again = register.edge(tmp_path / "a", "ab" * 32)
    assert polled(again) == "policy_refused", "a pin that is given later counts"
    assert polled(register.edge(tmp_path / "a", register.policies.pin)) == ""


def test_a_change_by_three_of_those_before_is_followed_and_any_other_refused(
    register: Registers, tmp_path: Path
) -> None:
    edge = register.edge(tmp_path / "a", register.policies.pin)
    assert polled(edge) == ""
    register.announce(*KEYS[:3], signers=named(OTHERS))
    register.centre.head()
    assert (polled(edge), told(edge)["checked"]) == ("", 2)
    register.announce(*KEYS[:3])
    register.centre.publish(4, 2)
    assert (polled(edge), edge.version) == ("policy_refused", 1)
    assert polled(edge) == "policy_refused", "and stays so"
    assert polled(register.edge(tmp_path / "b", register.policies.pin)) == "policy_refused", "of whoever joins too"


def test_a_policy_that_is_named_and_not_served_is_refused(register: Registers, tmp_path: Path) -> None:
    edge = register.edge(tmp_path / "a")
    assert polled(edge) == ""
    register.announce(serve=False)
    register.centre.head()
    assert polled(edge) == "policy_refused"
    number = len(register.policies.files)
    register.centre.answers[f"/log/register-policy/{number}"] = register.policies.files[number]
    assert polled(edge) == "policy_refused", "asked for again in a minute"
    with clock.simulate(NOW + timedelta(minutes=2)):
        assert polled(edge) == ""


def test_a_policy_that_is_not_served_for_now_stops_every_poll_until_it_is(register: Registers, tmp_path: Path) -> None:
    edge = register.edge(tmp_path / "a", register.policies.pin)
    assert polled(edge) == ""
    register.announce(signers=named(OTHERS))
    register.centre.publish(4, 2)
    register.centre.broken = {"/log/register-policy/2"}
    assert [polled(edge) for _ in range(3)] == ["unreachable"] * 3
    assert edge.version == 1
    joining = register.edge(tmp_path / "b", "ab" * 32)
    assert [polled(joining) for _ in range(3)] == ["unreachable"] * 3
    assert joining.version == 0
    register.centre.broken = set()
    with clock.simulate(NOW + timedelta(minutes=2)):
        assert (polled(edge), edge.version) == ("", 2)
        assert (polled(joining), joining.version) == ("policy_refused", 0)


def test_damaged_files_of_the_log_stop_every_poll_of_whoever_joins(register: Registers, tmp_path: Path) -> None:
    size = register.centre.public.log.published().size
    register.centre.answers[f"/log/tile/entries/000.p/{size}"] = b"damaged"
    edge = register.edge(tmp_path / "a", register.policies.pin)
    assert [polled(edge) for _ in range(3)] == ["log_damaged"] * 3
    assert edge.version == 0


def test_what_the_log_names_is_asked_for_at_once_where_nothing_was_said_before(
    register: Registers, tmp_path: Path
) -> None:
    del register.centre.answers["/log/register-policy/1/proof"]
    edge = register.edge(tmp_path / "a")
    assert polled(edge) == ""
    register.announce(*KEYS[:2])
    register.centre.publish(4, 2)
    assert (polled(edge), edge.version) == ("policy_refused", 1)


def test_too_short_a_notice_is_refused(register: Registers, tmp_path: Path) -> None:
    register.announce(binds_from=DAY + timedelta(days=20))
    register.centre.head()
    assert polled(register.edge(tmp_path / "a")) == "policy_refused"


def test_a_notice_is_no_older_than_what_the_log_has_before_it(register: Registers, tmp_path: Path) -> None:
    later = (DAY + timedelta(days=5)).strftime("%Y-%m-%dT%HZ")
    register.centre.public.enter({"event": "x", "hour": later})
    register.announce(binds_from=DAY + timedelta(days=31))
    register.centre.head()
    assert polled(register.edge(tmp_path / "a")) == "policy_refused"


def test_a_place_in_the_log_where_it_does_not_stand_is_refused(register: Registers, tmp_path: Path) -> None:
    register.centre.answers["/log/register-policy/1/proof"] = register.centre.public.proof(0)
    assert polled(register.edge(tmp_path / "a", register.policies.pin)) == "policy_refused"
    register.centre.answers["/log/register-policy/1/proof"] = b"nonsense"
    assert polled(register.edge(tmp_path / "b", register.policies.pin)) == "policy_refused"


def test_a_centre_that_does_not_say_where_its_policy_stands_is_too_old_for_a_pin(
    register: Registers, tmp_path: Path
) -> None:
    del register.centre.answers["/log/register-policy/1/proof"]
    edge = register.edge(tmp_path / "a")
    assert polled(edge) == ""
    assert told(edge) == {"first": None, "pinned": False, "checked": None}
    assert polled(register.edge(tmp_path / "b", register.policies.pin)) == "policy_refused"


def test_a_log_without_policies_is_used_unless_one_is_pinned(centre: Centre, tmp_path: Path) -> None:
    edge = Edge(centre, tmp_path / "a", POLICY, pin="")
    assert polled(edge) == ""
    assert told(edge) == {"first": None, "pinned": False, "checked": 0}
    assert polled(Edge(centre, tmp_path / "b", POLICY, pin="ab" * 32)) == "policy_refused"


def test_an_entry_about_a_policy_that_cannot_be_read_is_refused(register: Registers, tmp_path: Path) -> None:
    edge = register.edge(tmp_path / "a")
    assert polled(edge) == ""
    register.centre.public.enter({"event": "policy.announced"})
    register.centre.head()
    assert polled(edge) == "policy_refused"


def test_what_was_checked_is_kept_and_a_damaged_file_is_not_replaced(register: Registers, tmp_path: Path) -> None:
    edge = register.edge(tmp_path / "a")
    assert polled(edge) == ""
    del register.centre.answers["/log/register-policy/1"]
    register.centre.head()
    assert polled(register.edge(tmp_path / "a")) == "", "nothing is asked twice"
    kept = next((tmp_path / "a").rglob("register-policy.json"))
    kept.write_text("{")
    with pytest.raises(StateDamagedError):
        register.edge(tmp_path / "a")


def test_the_pin_is_a_digest() -> None:
    assert Settings.from_env({"TUTELA_EDGE_POLICY_PIN": "ab" * 32}).policy_pin == "ab" * 32
    with pytest.raises(Exception, match="POLICY_PIN"):
        Settings.from_env({"TUTELA_EDGE_POLICY_PIN": "abc"})
