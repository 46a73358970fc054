"""The reference of lawful pictures: what comes with the house, what an operator adds, and that all of it counts."""

from __future__ import annotations

import hashlib
import json
import secrets
from pathlib import Path
from uuid import UUID

import pytest
from django.db.utils import IntegrityError
from django.test import Client
from typer.testing import CliRunner

from tests.integration.indicators.lifecycle.test_state_machine_rows import _insert
from tests.integration.indicators.register.test_register import CLASS, _propose, _scheme
from tests.support.cast import Cast
from tests.support.register import log
from tutela.accountability.public_log import status
from tutela.app.cli import app
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.register.video_frames import Film, FrameLook
from tutela.indicators.hashes import builtin_reference, lawful_reference, lawful_reference_loads, video_frames
from tutela.indicators.hashes.errors import MostlyLawful, ResemblesLawful
from tutela.indicators.hashes.lawful_reference_loads import Loaded
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import BadLine, Defaults
from tutela.indicators.models import ReferenceHash, ReferenceLoad
from tutela.indicators.register import propose

__all__ = ["_scheme"]


@pytest.fixture
def lead(cast: Cast) -> Actor:
    return cast.actor(cast.centre, "lead")


def _load(actor: Actor, *lines: str) -> Loaded:
    return lawful_reference_loads.load(actor, [f"{line}\n" for line in lines], source="A museum", licence="CC0-1.0")


def _near(value: str, bits: int = 31) -> str:
    return f"{int(value, 16) ^ ((1 << bits) - 1):064x}"


def _offer(actor: Actor, kind: str, value: str) -> UUID:
    look = kind == "pdq"
    given = [HashValue(kind, value, 90 if look else None, "tutela-pdq/1" if look else "")]
    given += [] if look or kind == "sha256" else [HashValue("sha256", secrets.token_hex(32))]
    return propose.propose(actor, given=given, media_type="image", classification=CLASS, reason="Assessed")


def test_what_comes_with_the_house_is_large_says_where_it_is_from_and_counts(cast: Cast) -> None:
    shipped = builtin_reference.shipped()
    assert len(shipped.looks) > 2000
    assert len(set(shipped.looks)) == len(shipped.looks)
    for package in shipped.packages:
        assert {"name", "version", "deb_sha256", "licences", "pictures"} <= package.keys()
    look = shipped.looks[len(shipped.looks) // 2].hex()
    assert builtin_reference.resembled("pdq", _near(look)).partition(" ")[0] in {
        one["name"] for one in shipped.packages
    }
    assert not builtin_reference.resembled("pdq", secrets.token_hex(32))
    with pytest.raises(ResemblesLawful):
        _offer(cast.hotline_ie, "pdq", _near(look))


def test_an_operators_hashes_count_once_they_are_loaded_and_no_more_once_they_are_taken_out(
    cast: Cast, lead: Actor
) -> None:
    look, digest = secrets.token_hex(32), secrets.token_hex(20)
    made = _load(lead, f"pdq:{look}  # a bridge", "", f"SHA1:{digest.upper()}")
    assert (made.added, made.known, made.refused) == (2, 0, 0)
    assert made.load is not None
    for kind, value in (("pdq", look), ("pdq", _near(look)), ("sha1", digest)):
        with pytest.raises(ResemblesLawful) as refused:
            _offer(cast.hotline_ie, kind, value)
        assert refused.value.field == kind
    _offer(cast.hotline_ie, "pdq", _near(look, 32))
    with pytest.raises(Invalid):
        lawful_reference_loads.end(lead, made.load, " ")
    lawful_reference_loads.end(lead, made.load, "It was the wrong file")
    _offer(cast.hotline_ie, "sha1", digest)
    with pytest.raises(NotFound):
        lawful_reference_loads.end(lead, made.load, "Again")


def test_the_same_file_again_changes_nothing_and_a_bad_line_costs_no_other(lead: Actor) -> None:
    lines = [secrets.token_hex(32), secrets.token_hex(16), f"sha256:{secrets.token_hex(32)}"]
    bad = list[lawful_reference_loads.BadLine]()
    wrong = ["zz", "pdq:12", "crc:00", "0" * 64, hashlib.sha1(b"", usedforsecurity=False).hexdigest()]
    made = lawful_reference_loads.load(lead, [*lines, *wrong], source="A museum", licence="CC0-1.0", bad=bad.append)
    assert (made.added, made.refused, [one.line for one in bad]) == (3, 5, [4, 5, 6, 7, 8])
    again = _load(lead, *lines)
    assert (again.load, again.added, again.known, again.sha256) == (None, 0, 3, made.sha256)
    more = _load(lead, lines[0], secrets.token_hex(16))
    assert (more.added, more.known, more.entries) == (1, 1, made.entries + 1)
    assert more.sha256 != made.sha256
    with acting(lead):
        assert hashlib.sha256("".join(lawful_reference.everything()).encode()).hexdigest() == more.sha256
        assert set(ReferenceHash.objects.filter(load=made.load).values_list("kind", flat=True)) == {
            "pdq",
            "md5",
            "sha256",
        }


def test_digits_alone_are_a_digest_where_the_file_is_one_of_digests(lead: Actor) -> None:
    value = secrets.token_hex(32)
    made = lawful_reference_loads.load(lead, [value], source="A museum", licence="CC0-1.0", digits_are="sha256")
    with acting(lead):
        assert ReferenceHash.objects.get(load=made.load).kind == "sha256"


def test_loads_and_ends_are_events_and_public_entries_with_the_digest_of_the_whole(cast: Cast, lead: Actor) -> None:
    made = _load(lead, secrets.token_hex(32))
    assert made.load is not None
    lawful_reference_loads.end(lead, made.load, "A test")
    with acting(lead):
        assert [one.kind for one in timeline("reference", made.load)] == ["reference.loaded", "reference.ended"]
    log()
    entries = [json.loads(data) for _number, data in reversed(status.newest(50))]
    loaded = [one for one in entries if one["event"] == "reference.loaded"]
    assert (loaded[-1]["set"], loaded[-1]["added"], loaded[-1]["source"]) == (made.sha256, 1, "A museum")
    ended = [one for one in entries if one["event"] == "reference.ended"]
    assert ended[-1]["removed"] == 1
    assert "reason" not in ended[-1]


def test_an_import_and_a_video_pass_it_too(cast: Cast, lead: Actor, tmp_path: Path) -> None:
    look, frames = secrets.token_hex(32), [secrets.token_bytes(32) for _ in range(20)]
    _load(lead, look, *(one.hex() for one in frames[:3]))
    file, bad = tmp_path / "a.jsonl", list[BadLine]()
    lines = [
        {"hashes": [{"kind": "pdq", "value": value, "quality": 90}]} for value in (secrets.token_hex(32), _near(look))
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    told = Defaults(classification=CLASS, reason="Assessed")
    report = runner.run(cast.hotline_ie, file, source="A list", defaults=told, bad=bad.append)
    assert (report.accepted, [(one.line, one.field) for one in bad]) == (1, [(2, "pdq")])

    def film(some: list[bytes]) -> Film:
        return Film(tuple(FrameLook(n, n * 1000, False, one, 90) for n, one in enumerate(some)), 20.0, "tutela-pdq/2")

    with acting(cast.hotline_ie):
        found = video_frames.unjudged(video_frames.passed(film(frames)))
        assert (found.lawful, found.usable) == (3, 17)
        with pytest.raises(MostlyLawful):
            video_frames.unjudged(video_frames.passed(film(frames[:3] + frames[10:])))


def test_what_was_loaded_is_read_once_and_asked_of_the_engine(cast: Cast, lead: Actor) -> None:
    made = lawful_reference_loads.load(
        lead, (secrets.token_hex(32) for _ in range(5000)), source="A museum", licence="CC0-1.0"
    )
    _propose(cast.hotline_ie)
    before = lawful_reference.kept_of.cache_info().misses
    for _ in range(3):
        _propose(cast.hotline_ie)
    assert lawful_reference.kept_of.cache_info().misses == before, "read once, until something is loaded"
    assert made.added == 5000
    with acting(lead):
        kept = lawful_reference.kept_of(*lawful_reference.newest_load())
    assert len(kept.looks) >= 5000


def test_the_centre_alone_adds_by_capability_and_by_sql(cast: Cast) -> None:
    for actor in (cast.actor(cast.hotline_ie, "lead"), cast.actor(cast.pixelpost, "lead")):
        with pytest.raises(Forbidden):
            _load(actor, secrets.token_hex(32))
    with pytest.raises(IntegrityError, match="Centre alone"):
        _insert(
            cast.hotline_ie,
            "indicators_referenceload",
            source="x",
            licence="x",
            file_sha256="x",
            added=1,
            set_sha256="x",
            by="attack",
        )
    for field in ("source", "licence"):
        said = {"source": "A museum", "licence": "CC0-1.0", field: " "}
        with pytest.raises(Invalid) as caught:
            lawful_reference_loads.load(cast.actor(cast.centre, "lead"), [secrets.token_hex(32)], **said)
        assert caught.value.field == field
    with pytest.raises(NotFound):
        lawful_reference_loads.end(cast.actor(cast.centre, "lead"), uuid7(), "x")


def test_everybody_reads_what_it_is_made_of(cast: Cast, lead: Actor, client: Client) -> None:
    made = _load(lead, secrets.token_hex(32))
    said = client.get("/log/canaries").json()["reference"]
    assert (said["entries"], said["sha256"]) == (made.entries, made.sha256)
    assert said["loaded"][-1]["source"] == "A museum"
    assert sum(one["pictures"] for one in said["packages"]) == len(builtin_reference.shipped().looks)


def test_the_command_loads_shows_and_takes_out(cast: Cast, tmp_path: Path) -> None:
    file, errors = tmp_path / "museum.txt", tmp_path / "errors"
    file.write_text(f"{secrets.token_hex(32)}\nno hash\n")
    assert cast.centre is not None

    def run(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["reference", *args])
        return done.exit_code, done.output

    given = ["load", str(file), "--source", "A museum", "--licence", "CC0-1.0", "--errors", str(errors)]
    code, said = run(*given)
    assert (code, "1 added, 0 already known, 1 refused" in said, "line 2: must be md5" in said) == (3, True, True), said
    assert json.loads(errors.read_text())["line"] == 2
    assert "0 added, 1 already known" in run(*given)[1]
    with acting(cast.centre):
        row = ReferenceLoad.objects.order_by("-created_at").first()
    assert row is not None
    assert f"{row.pk} " in run("show")[1]
    assert run("end", str(row.pk), "--reason", "A test") == (0, "ended\n")
    assert f"{row.pk} " not in run("show")[1]
    assert file.read_text().split()[0] not in run("show", "--all")[1]
    assert run("end", str(row.pk), "--reason", "A test")[0] == 2
