"""Vantage points: a signed list out, the command looks, a signed answer in, judged with the node's own look."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from typer.testing import CliRunner

from tests.support.cast import Cast
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.app.cli.offline import vantage
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.exchange.takedown.look import Answer, Conditions, Watcher
from tutela.organisations.keys import signing
from tutela.takedown.errors import SameVantagePoint
from tutela.takedown.models import Availability, Recheck
from tutela.takedown.notices import notify
from tutela.takedown.rechecks import access_conditions, check, vantage_points

PAGE = "/desk/takedown/vantage-points/"


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    made = Hotline(cast)
    signing.create_key(cast.actor(made.machine, "administrator"), "message")
    return made


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Answer]:
    """What the vantage point's country is shown, by host; nothing is asked outside."""
    answers = dict[str, Answer]()
    monkeypatch.setattr(Watcher, "look", lambda _self, address, _conditions: answers.get(address.host, Answer(404)))
    return answers


class Point:
    """A vantage point with the command's own folder."""

    def __init__(self, hotline: Hotline, folder: Path, name: str = "Kiel") -> None:
        self.hotline, self.folder = hotline, folder
        self.id = vantage_points.add(hotline.analyst, name, "DE", self.run("init", str(folder)).strip())
        self.run("trust", str(folder), str(self.id), vantage_points.node_key(hotline.analyst))

    def run(self, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(vantage.app, words)
        assert done.exit_code == code, done.output
        return done.output

    def asked(self) -> Path:
        """A new list, as a file."""
        made = self.folder / "tasks.json"
        made.write_bytes(vantage_points.make_list(self.hotline.analyst, self.id))
        return made

    def looked(self, tasks: Path) -> bytes:
        answers = self.folder / "answers.json"
        self.run("look", str(self.folder), str(tasks), str(answers))
        return answers.read_bytes()


@pytest.fixture
def point(hotline: Hotline, tmp_path: Path) -> Point:
    return Point(hotline, tmp_path)


def under_recheck(hotline: Hotline, host: str) -> UUID:
    """A case about which a notice left, and whose host says that it is removed."""
    case = hotline.assessed(case=hotline.reported(f"https://{host}.example.org/x").id)
    hotline.police_know(case)
    notice = notify.queue(hotline.analyst, case, notify.Recipient(channel="file"))
    notify.answered(hotline.analyst, notice, "removed")
    return case


def test_a_page_that_one_country_still_sees_is_not_absent(
    hotline: Hotline, point: Point, seen: dict[str, Answer]
) -> None:
    blocked, gone = under_recheck(hotline, "blocked"), under_recheck(hotline, "gone")
    seen["blocked.example.org"] = Answer(200)
    taken = vantage_points.take_results(hotline.analyst, point.id, point.looked(point.asked()))
    assert taken.rechecked == 2
    assert hotline.row(gone).availability == Availability.ABSENT
    assert hotline.row(blocked).availability == Availability.UP
    assert check.store(hotline.analyst, blocked, [Answer(404)]) == Availability.UP, "the other still sees it"
    with clock.simulate(clock.now() + check.FRESH + timedelta(minutes=1)):
        assert check.store(hotline.analyst, blocked, [Answer(404)]) == Availability.ABSENT
    with acting(hotline.analyst):
        row = Recheck.objects.get(case=blocked, vantage="Kiel")
    assert (row.country, row.status) == ("DE", 200)


def test_what_a_vantage_point_saw_before_the_host_answered_does_not_speak_against_it(
    hotline: Hotline, point: Point, seen: dict[str, Answer]
) -> None:
    case = hotline.assessed(case=hotline.reported("https://slow.example.org/x").id)
    hotline.police_know(case)
    notice = notify.queue(hotline.analyst, case, notify.Recipient(channel="file"))
    seen["slow.example.org"] = Answer(200)
    vantage_points.take_results(hotline.analyst, point.id, point.looked(point.asked()))
    with clock.simulate(clock.now() + timedelta(hours=1)):
        notify.answered(hotline.analyst, notice, "removed")
        assert check.store(hotline.analyst, case, [Answer(404)]) == Availability.ABSENT


def test_no_cookie_password_or_person_leaves_with_a_list(hotline: Hotline, point: Point) -> None:
    case = under_recheck(hotline, "secret")
    given = Conditions(referrer="https://a.example/", cookie="s=secret-cookie", password="pass-word", country="DE")
    access_conditions.set_conditions(hotline.analyst, case, given)
    text = json.dumps(json.loads(point.asked().read_bytes()))
    assert "secret-cookie" not in text
    assert "pass-word" not in text
    assert hotline.analyst.name not in text


def test_an_answer_is_taken_once_and_only_by_its_own_key(
    hotline: Hotline, point: Point, seen: dict[str, Answer], tmp_path: Path
) -> None:
    under_recheck(hotline, "once")
    tasks = point.asked()
    answer = point.looked(tasks)
    other = Point(hotline, tmp_path / "other", "Lille")
    for data, to in ((answer, other.id), (b"{}", point.id), (b"\xff", point.id), (answer[:-40], point.id)):
        with pytest.raises(Invalid) as refused:
            vantage_points.take_results(hotline.analyst, to, data)
        assert refused.value.field == "file"
    assert vantage_points.take_results(hotline.analyst, point.id, answer).rechecked == 1
    with pytest.raises(Invalid):
        vantage_points.take_results(hotline.analyst, point.id, answer)
    point.run("look", str(point.folder), str(tasks), str(tmp_path / "again.json"), code=4)
    vantage_points.remove(hotline.analyst, point.id)
    with pytest.raises(NotFound):
        vantage_points.make_list(hotline.analyst, point.id)


def test_bad_input_names_its_field_and_strangers_do_nothing(cast: Cast, hotline: Hotline, point: Point) -> None:
    for name, country, key, field in (
        (" ", "DE", "0" * 64, "name"),
        ("K", "XX", "0" * 64, "country"),
        ("K", "DE", "zz", "public_key"),
    ):
        with pytest.raises(Invalid) as refused:
            vantage_points.add(hotline.analyst, name, country, key)
        assert refused.value.field == field
    with pytest.raises(SameVantagePoint):
        vantage_points.add(hotline.analyst, "K", "DE", vantage_points.list_points(hotline.analyst)[0].public_key)
    stranger = cast.actor(cast.hotline_de, "analyst")
    assert vantage_points.list_points(stranger) == []
    with pytest.raises(NotFound):
        vantage_points.make_list(stranger, point.id)
    with pytest.raises(Forbidden):
        vantage_points.make_list(cast.actor(hotline.machine, "administrator"), point.id)
    assert Client().get(PAGE).status_code == 302


def test_the_page_registers_gives_a_list_and_takes_the_answer(
    cast: Cast, hotline: Hotline, point: Point, seen: dict[str, Answer]
) -> None:
    case = under_recheck(hotline, "page")
    client = cast.client(hotline.machine, "analyst")
    assert "Kiel (DE)" in client.get(PAGE).content.decode()
    tasks = point.folder / "from-page.json"
    tasks.write_bytes(client.post(f"{PAGE}{point.id}/tasks/").content)
    answers = point.folder / "a.json"
    answers.write_bytes(point.looked(tasks))
    with answers.open("rb") as file:
        page = client.post(f"{PAGE}{point.id}/answers/", {"file": file}, follow=True).content.decode()
    assert "Rechecked: 1." in page
    assert hotline.row(case).availability == Availability.ABSENT
    assert client.post(PAGE, {"name": "X", "country": "DE", "public_key": "0"}).status_code == 422
    assert client.post(f"{PAGE}{point.id}/remove/", follow=True).status_code == 200
    assert "There are no vantage points" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "words", [("look", "{}", "{}/none", "{}/a"), ("trust", "{}", "x", "y"), ("look", "{}/n", "a", "b")]
)
def test_a_wrong_command_says_what_is_wrong(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(vantage.app, [one.format(tmp_path) for one in words])
    assert done.exit_code == 2


def test_what_was_seen_before_the_case_was_closed_reopens_nothing(
    hotline: Hotline, point: Point, seen: dict[str, Answer]
) -> None:
    case = under_recheck(hotline, "closed")
    seen["closed.example.org"] = Answer(200)
    answer = point.looked(point.asked())
    with clock.simulate(clock.now() + timedelta(hours=1)):
        check.store(hotline.analyst, case, [Answer(404)])
        assert hotline.row(case).stage == "closed"
        taken = vantage_points.take_results(hotline.analyst, point.id, answer)
    assert (taken.rechecked, taken.left_out) == (0, 1)
    assert hotline.row(case).availability == Availability.ABSENT


def test_a_referrer_that_is_no_address_spoils_no_list(hotline: Hotline, point: Point) -> None:
    case = under_recheck(hotline, "referred")
    access_conditions.set_conditions(hotline.analyst, case, Conditions(referrer="some forum"))
    assert point.asked().exists()
