"""A file that a person hands in at the desk: looked at or proposed, whole or not at all, and never laid down."""

from __future__ import annotations

import csv
import io
import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.integration.indicators.register.test_approvals_by_key import House, _address
from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support.cast import Cast
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.indicators.imports import desk_upload, runner
from tutela.indicators.imports.lines import BadLine, Defaults
from tutela.indicators.lifecycle import policy
from tutela.indicators.models import Hold, ImportBatch, ImportStep, Indicator
from tutela.indicators.safeguards import rate_limits
from tutela.indicators.safeguards.errors import HeldForFlood

__all__ = ["_address", "_scheme"]
ADDRESS = "/desk/indicators/imports/new/"
SAID = {"source": "Hand list", "classification": CLASS, "media_type": "image", "reason": "Assessed", "act": "propose"}


class Desk:
    """A person of a hotline at the page."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.owner = cast, cast.hotline_ie
        self.browser = cast.client(cast.hotline_ie, "analyst")

    def give(self, body: bytes | str, name: str = "list.csv", browser: Client | None = None, **said: Any) -> Any:
        file = io.BytesIO(body.encode() if isinstance(body, str) else body)
        file.name = name
        answer: HttpResponse = (browser or self.browser).post(ADDRESS, {**SAID, **said, "file": file})
        return answer

    def told(self, body: bytes | str, name: str = "list.csv", **said: Any) -> str:
        answer = self.give(body, name, **said)
        assert answer.status_code == 200
        return str(answer.content.decode())

    def stored(self) -> int:
        with acting(self.owner):
            mine = {"organisation_id": self.owner.organisation_id}
            return sum(table.objects.filter(**mine).count() for table in (Indicator, ImportBatch, ImportStep))


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast)


def _table(count: int) -> tuple[str, list[str]]:
    values = [secrets.token_hex(32) for _ in range(count)]
    return "sha256\n" + "".join(f"{one}\n" for one in values), values


def test_a_look_tells_and_stores_nothing_and_is_on_record(desk: Desk) -> None:
    body, _values = _table(3)
    before = desk.stored()
    page = desk.told(body + "zz\n", act="look")
    assert "3 would be proposed, 1 would be refused. Nothing was stored." in page
    assert desk.stored() == before
    with acting(desk.owner):
        assert Event.objects.filter(kind="register.import_looked_at").exists()


def test_looking_is_what_the_page_does_if_nobody_says_otherwise(desk: Desk) -> None:
    page = desk.browser.get(ADDRESS).content.decode()
    assert 'value="look" required id="id_act_0" checked' in page
    assert 'value="propose" required id="id_act_1">' in page


def test_what_can_be_proposed_is_and_the_rest_is_told_by_its_line(desk: Desk) -> None:
    body, values = _table(2)
    page = desk.told(f"{body}{values[0]}\nzz\n")
    assert "2 proposed, 2 refused." in page
    with acting(desk.owner):
        # The register is for all of its members to read: others' tests may have proposed from this source too.
        mine = Indicator.objects.filter(organisation_id=desk.owner.organisation_id, source="Hand list")
        made = list(mine.order_by("id"))
        (batch,) = ImportBatch.objects.filter(run_id=made[0].run_id)
        assert Event.objects.filter(kind="indicator.proposed", subject_id__in=[one.pk for one in made]).count() == 2
        assert Event.objects.filter(kind="register.imported", subject_id=str(batch.run_id)).count() == 1
    assert len(made) == 2
    assert (batch.accepted, batch.refused, batch.by.partition(":")[0]) == (2, 2, "person")
    assert f"/desk/indicators/imports/{batch.run_id}/" in page
    other = desk.cast.client(desk.cast.hotline_de, "analyst")
    page = other.post(f"/desk/indicators/imports/{batch.run_id}/", {"digests": values[0]}, follow=True).content.decode()
    assert "1 certified, 1 of them now active" in page


def test_the_refused_lines_come_as_a_file_and_what_was_done_is_not_done_twice(desk: Desk) -> None:
    body, values = _table(2)
    body += f"zz\n{values[1]}\n"
    assert "2 proposed, 2 refused." in desk.told(body)
    answer = desk.give(body, answer="csv")
    assert answer["Content-Type"].startswith("text/csv")
    found = list(csv.reader(answer.content.decode().splitlines()))
    assert found[0] == ["line", "field", "reason"]
    assert [row[:2] for row in found[1:]] == [["3", "sha256"], ["4", "hashes"]]
    page = desk.told(body)
    assert "0 proposed, 2 refused." in page
    assert "2 lines were processed before." in page


def test_a_run_that_was_begun_by_the_command_goes_on_at_the_desk(desk: Desk, tmp_path: Path) -> None:
    body, _values = _table(2)
    file = tmp_path / "list.csv"
    file.write_text(body)
    runner.run(desk.owner, file, source="Hand list", defaults=Defaults("image", CLASS, "Assessed"))
    page = desk.told(body)
    assert "0 proposed, 0 refused." in page
    assert "2 lines were processed before." in page


def test_files_of_others_and_mappings_are_read_and_what_is_left_out_is_named(desk: Desk) -> None:
    mapping = json.dumps({"columns": {"Prüfsumme": "sha256"}, "separator": ";"})
    page = desk.told(f"Prüfsumme;Notiz\n{secrets.token_hex(32)};x\n", mapping=mapping)
    assert "1 proposed, 0 refused." in page
    assert "Notiz (1)" in page
    lines = json.dumps({"hashes": [{"kind": "sha256", "value": secrets.token_hex(32)}]}) + "\n"
    assert "1 proposed, 0 refused." in desk.told(lines, "list.txt", format="jsonl")
    objects = [
        {
            "type": "file",
            "spec_version": "2.1",
            "id": "file--5a27d487-c542-5f97-a131-a8866b477b46",
            "hashes": {"SHA-256": secrets.token_hex(32)},
        }
    ]
    bundle = json.dumps({"type": "bundle", "id": "bundle--5a27d487-c542-4f97-a131-a8866b477b46", "objects": objects})
    assert "1 proposed, 0 refused." in desk.told(bundle, "b.json", format="stix")
    assert "columns" in desk.told("sha256\n", mapping='{"columns": 3}')


def test_a_table_of_a_spreadsheet_with_a_mark_in_front_is_read(desk: Desk, tmp_path: Path) -> None:
    body, _values = _table(1)
    assert "1 proposed, 0 refused." in desk.told(b"\xef\xbb\xbf" + body.encode())
    file = tmp_path / "list.csv"
    file.write_bytes(b"\xef\xbb\xbf" + _table(1)[0].encode())
    assert runner.run(desk.owner, file, source="S", defaults=Defaults("image", CLASS, "A")).accepted == 1


GOOD = json.dumps({"hashes": [{"kind": "sha256", "value": "ab" * 32}]})
BROKEN = {
    "empty": (b"", "list.csv", {}, "The file is empty."),
    "blank": (b" \n\n", "list.csv", {}, "The file is empty."),
    "a head alone": (b"sha256\n", "list.csv", {}, "has no entries"),
    "UTF-16": ("sha256\nab\n".encode("utf-16"), "list.csv", {}, "not UTF-8 text"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\xff", "a.png", {}, "not UTF-8 text"),
    "another format": (f"sha256\n{'ab' * 32}\n".encode(), "list.txt", {}, "Choose another format"),
    "not a VICS": (GOOD.encode(), "a.json", {"format": "vics"}, "cannot be read to its end"),
    "cut JSON": (f"{GOOD}\n{GOOD[:30]}".encode(), "a.jsonl", {}, "The last line of the file has no line end"),
    "cut table": (
        f"sha256,reason\n{'ab' * 32},A\n{'cd' * 32}".encode(),
        "a.csv",
        {},
        "The last line of the file has no line end",
    ),
    "cut quotes": (
        f'sha256,reason\n{"ab" * 32},A\n{"cd" * 32},"A\n'.encode(),
        "a.csv",
        {},
        "cannot be read to its end",
    ),
    "cut value": (
        f"sha256,reason\n{'ab' * 32},Asses".encode(),
        "a.csv",
        {},
        "The last line of the file has no line end",
    ),
    "no source": (f"sha256\n{'ab' * 32}\n".encode(), "a.csv", {"source": " "}, "This field is required"),
    "no act": (f"sha256\n{'ab' * 32}\n".encode(), "a.csv", {"act": "delete"}, "Select a valid choice"),
    "no class": (f"sha256\n{'ab' * 32}\n".encode(), "a.csv", {"classification": "x:y"}, "Select a valid choice"),
    "a reason too long": (f"sha256\n{'ab' * 32}\n".encode(), "a.csv", {"reason": "x" * 301}, "at most 300"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_what_cannot_be_read_is_refused_whole(desk: Desk, name: str) -> None:
    body, file, said, why = BROKEN[name]
    before = desk.stored()
    page = desk.told(body, file, **said)
    assert why in page
    assert "Proposed entries" not in page
    assert desk.stored() == before


def test_nothing_is_stored_of_a_file_without_one_usable_line(desk: Desk) -> None:
    before = desk.stored()
    assert "0 proposed, 2 refused." in desk.told("sha256\nzz\nyy\n")
    assert desk.stored() == before


def test_what_is_too_large_or_too_long_is_refused_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before, (body, _values) = desk.stored(), _table(4)
    monkeypatch.setattr(desk_upload, "LINES", 3)
    assert "more than 3 entries" in desk.told(body)
    assert "larger than 8 MB" in desk.told(b"x" * ((8 << 20) + 1))
    assert desk.stored() == before


@pytest.mark.parametrize("cut", [0, 40, 300, -1, -9, -60])
def test_a_form_that_breaks_off_on_its_way_proposes_nothing(desk: Desk, cut: int) -> None:
    fields = "".join(f'--zq\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in SAID.items())
    head = '--zq\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    whole = f"{fields}{head}{_table(1)[0]}\r\n--zq--\r\n".encode()
    before = desk.stored()
    kind = "multipart/form-data; boundary=zq"
    answer = desk.browser.generic("POST", ADDRESS, whole[:cut] if cut >= 0 else whole[: cut - 2], kind)
    assert answer.status_code == 200
    assert b"Proposed entries" not in answer.content
    assert desk.stored() == before
    assert b"1 proposed" in desk.browser.generic("POST", ADDRESS, whole, kind).content


def test_a_fault_in_the_middle_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_given: object) -> None:
        raise RuntimeError("beside")

    before = desk.stored()
    monkeypatch.setattr(desk_upload.resume, "keep", fails)
    assert desk.give(_table(2)[0]).status_code == 500
    assert desk.stored() == before


def test_strangers_readers_and_forgers_import_nothing(desk: Desk) -> None:
    body, _values = _table(1)
    before = desk.stored()
    answer = desk.give(body, browser=Client())
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")
    for stranger in (desk.cast.client(desk.cast.pixelpost, "lead"), desk.cast.client(desk.cast.centre, "analyst")):
        assert desk.give(body, browser=stranger).status_code == 404
        assert stranger.get(ADDRESS).status_code == 404
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = desk.browser.cookies
    assert desk.give(body, browser=forged).status_code == 403
    assert desk.stored() == before
    token = forged.get(ADDRESS).content.decode().partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert b"1 proposed" in desk.give(body, browser=forged, csrfmiddlewaretoken=token).content


def test_where_acts_take_a_key_the_page_says_that_nothing_is_imported(cast: Cast, desk: Desk) -> None:
    House(cast, cast.hotline_de, "analyst")
    browser = cast.client(cast.hotline_de, "analyst")
    page = browser.get(ADDRESS).content.decode()
    assert "propose items on the page" in page
    assert 'name="file"' not in page
    page = desk.give(_table(1)[0], browser=browser).content.decode()
    assert "propose items on the page" in page
    assert "Proposed entries" not in page
    with acting(cast.hotline_de):
        assert not ImportBatch.objects.filter(organisation_id=cast.hotline_de.organisation_id).exists()


def test_it_counts_among_the_proposals_of_the_hour_and_a_flood_is_held(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting(desk.owner):
        before = rate_limits.count(desk.owner)
    desk.told(_table(2)[0])
    with acting(desk.owner):
        assert rate_limits.count(desk.owner) == before + 2
    monkeypatch.setattr(policy, "proposals_per_hour", lambda: before + 4)
    page = desk.told(_table(3)[0])
    assert "3 proposed, 0 refused." in page
    assert "Quarantined: nobody can certify this import" in page
    with acting(desk.owner):
        mine = Indicator.objects.filter(organisation_id=desk.owner.organisation_id, source="Hand list")
        newest = mine.latest("id")
        assert Hold.objects.get(subject_id=newest.run_id).codes == "proposals_per_hour"


def test_who_is_held_for_a_flood_looks_and_proposes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "proposals_per_hour", lambda: 0)
    with pytest.raises(HeldForFlood):
        rate_limits.check(desk.owner)
    monkeypatch.undo()
    before, (body, _values) = desk.stored(), _table(2)
    page = desk.told(body)
    assert str(HeldForFlood()) in page
    assert desk.stored() == before
    assert "2 would be proposed" in desk.told(body, act="look")


def test_a_cell_of_the_file_is_no_formula_of_a_spreadsheet(desk: Desk) -> None:
    (row,) = list(desk_upload.rows([BadLine(1, "=cmd()", "=1+1")]))[1:]
    assert row[1] == "=cmd()"
    body = json.dumps({"hashes": [], "=cmd()": 1}) + "\n"
    text = desk.give(body, "a.jsonl", answer="csv", act="look").content.decode()
    assert ",=cmd()" not in text
