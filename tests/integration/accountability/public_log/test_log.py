"""The public log: what happens on the register is in it, under witnesses, and holds for whoever checks."""

from __future__ import annotations

import json
import random
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.test import Client
from typer.testing import CliRunner

from tests.integration.indicators.register.test_register import CLASS, _active
from tests.support.cast import Cast
from tutela import clock
from tutela.accountability.chain import sequencer
from tutela.accountability.dashboard import dashboard
from tutela.accountability.models import Entry, PublicLeaf
from tutela.accountability.public_log import log as public_log_log
from tutela.accountability.public_log import publish, status
from tutela.accountability.web import public_log_pages
from tutela.app.cli import app
from tutela.app.cli.node import log
from tutela.app.runtime import doctor
from tutela.app.runtime.witness_service import Store
from tutela.events.errors import Forbidden, Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.register.canaries import canaries
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import Release
from tutela.indicators.register import propose, votes
from tutela.indicators.releases import certified_set
from tutela.indicators.releases import publish as releases_publish
from tutela.indicators.releases.errors import ProofsSpent
from tutela.law import classification
from tutela.tlog.absence_proof import Absence
from tutela.tlog.certified_set import TreePlace
from tutela.tlog.policy import Policy
from tutela.tlog.tiles import Tiles
from tutela.tlog.verify import Refused, audit

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _scheme(cast: Cast) -> None:
    value = {"value": CLASS.partition(":")[2], "label": "Material within Art. 2(c)"}
    scheme = {
        "code": CLASS.partition(":")[0],
        "title": "T",
        "version": "2011",
        "source": "Directive",
        "values": [value],
    }
    classification.import_scheme(cast.centre, scheme)


class Answering:
    """A witness in this process; `away` makes it not answer."""

    def __init__(self, folder: Path, name: str) -> None:
        RUN.invoke(app, ["witness", "init", str(folder), "--name", name])
        self.store, self.name, self.away = Store(folder), name, False
        # What it answers instead of what it should.
        self.lie: Callable[[bytes], httpx.Response] | None = None

    def know(self) -> None:
        for key in public_log_log.known_keys():
            self.store.add_log(key)


@pytest.fixture
def witnesses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Answering]:
    """Two witnesses, both needed; the log lies in a folder of this test."""
    made = [Answering(tmp_path / name, f"{name}.example/w") for name in ("ngo", "academy")]
    lines = [f"witness {w.name} {w.store.signer.key} http://{w.name.partition('.')[0]}.example" for w in made]
    policy = tmp_path / "policy"
    policy.write_text("\n".join([*lines, f"group both all {' '.join(w.name for w in made)}", "quorum both", ""]))
    monkeypatch.setattr("django.conf.settings.LOG_POLICY", str(policy))
    monkeypatch.setattr(public_log_log, "folder", lambda: tmp_path / "log")

    def post(url: str, content: bytes) -> httpx.Response:
        one = next(w for w in made if url.startswith(f"http://{w.name.partition('.')[0]}."))
        if one.away:
            raise httpx.ConnectError("away")
        if one.lie:
            return one.lie(content)
        answer = one.store.answer(content)
        return httpx.Response(answer.status, content=answer.body, headers={"content-type": answer.type})

    def get(url: str) -> httpx.Response:
        one = next(w for w in made if url.startswith(f"http://{w.name.partition('.')[0]}."))
        note = one.store.note(url.split("/")[-2])
        return httpx.Response(200, content=note) if note and not one.away else httpx.Response(404)

    @contextmanager
    def stream(method: str, url: str, content: bytes = b"", **_: object) -> Iterator[httpx.Response]:
        said = post(url, content) if method == "POST" else get(url)
        yield httpx.Response(said.status_code, headers=said.headers, stream=httpx.ByteStream(said.content))

    monkeypatch.setattr(httpx, "stream", stream)
    return made


def _activated(cast: Cast) -> object:
    made = _active(cast)
    releases_publish.publish(cast.centre)
    sequencer.sequence_all()
    return made


def _published(witnesses: list[Answering]) -> publish.Published:
    for one in witnesses:
        one.know()
    done = publish.publish()
    assert done is not None
    return done


def test_every_act_is_an_entry_that_tells_no_digest(cast: Cast, witnesses: list[Answering], client: Client) -> None:
    made = _active(cast)
    votes.confirm(cast.authority, made)
    _activated(cast)
    _published(witnesses)
    state = status.state()
    assert state is not None
    assert [w.cosigned for w in state.witnesses] == [True, True]
    entries = [json.loads(data) for _, data in status.newest(50)]
    kinds = {entry["event"] for entry in entries}
    assert {"indicator.proposed", "indicator.certified", "indicator.activated", "release.published"} <= kinds
    assert {"audit.checkpoint", "indicator.voted"} <= kinds
    for entry in entries:
        if entry["event"].startswith("indicator."):
            assert set(entry) == {"event", "commitment", "hour"}
    page = client.get("/log/").content.decode()
    assert "academy.example/w" in page
    assert "proofs of absence" in page


def test_a_release_stays_in_sight_and_every_entry_can_be_paged_to(
    cast: Cast, witnesses: list[Answering], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _activated(cast)
    _published(witnesses)
    for _ in range(2):
        _active(cast)
    sequencer.sequence_all()
    size = _published(witnesses).size
    monkeypatch.setattr(public_log_pages, "LATEST", 3)
    ((index, data),) = public_log_log.released(1)
    assert json.loads(data)["event"] == "release.published"
    assert index < size - 3
    page = client.get("/log/").content.decode()
    assert f'"/log/entry/{index}"' in page, "later entries do not push it out"
    assert "Newer" not in page
    numbers, address = list[int](), "/log/"
    for _ in range(3):
        page = client.get(address).content.decode().partition('id="entries"')[2]
        numbers += [int(one) for one in re.findall(r'"/log/entry/(\d+)"', page)]
        (older,) = re.findall(r'href="(\?before=\d+)#entries">Older', page)
        address = f"/log/{older}"
    assert numbers == list(range(size - 1, size - 10, -1))
    assert "?before=" in page.partition("Newer")[0][-40:]
    first = client.get("/log/?number=0").content.decode().partition('id="entries"')[2]
    assert re.findall(r'"/log/entry/(\d+)"', first) == ["0"]
    assert "Older</a>" not in first
    for wrong in ("before=x", "before=-1", "number=" + "9" * 30, "before=0"):
        assert client.get(f"/log/?{wrong}").status_code == 200


def test_an_outsider_takes_everything_along_and_checks_it_without_the_node(
    cast: Cast, witnesses: list[Answering], client: Client, tmp_path: Path
) -> None:
    _activated(cast)
    _published(witnesses)
    policy, copy = tmp_path / "policy.txt", tmp_path / "copy"
    policy.write_bytes(client.get("/log/policy").content)
    command = ["verify", "log", str(public_log_log.folder()), "--policy", str(policy), "--save", str(copy)]
    done = RUN.invoke(app, command)
    assert done.exit_code == 0, done.output
    shutil.rmtree(public_log_log.folder())
    done = RUN.invoke(app, ["verify", "log", str(copy), "--policy", str(policy)])
    assert done.exit_code == 0, done.output
    assert "are in the tree" in done.output
    assert RUN.invoke(app, [*command, "--heads-only"]).exit_code == 2


def test_an_outsider_verifies_all_of_it_with_the_files_alone(
    cast: Cast, witnesses: list[Answering], client: Client, tmp_path: Path
) -> None:
    _activated(cast)
    _published(witnesses)
    policy, kept = tmp_path / "policy.txt", tmp_path / "kept"
    policy.write_bytes(client.get("/log/policy").content)
    command = ["verify", "log", str(public_log_log.folder()), "--policy", str(policy), "--keep", str(kept)]
    for _ in range(2):
        done = RUN.invoke(app, command)
        assert done.exit_code == 0, done.output
        assert "holds" in done.output
    assert "continues the" in done.output
    index, data = next((i, d) for i, d in status.newest(50) if b"release.published" in d)
    (tmp_path / "entry").write_bytes(client.get(f"/log/entry/{index}").content)
    (tmp_path / "proof").write_bytes(client.get(f"/log/proof/{index}").content)
    given = ["verify", "proof", str(tmp_path / "entry"), str(tmp_path / "proof"), "--policy", str(policy)]
    assert RUN.invoke(app, given).exit_code == 0
    (tmp_path / "entry").write_bytes(data.replace(b"eu-register", b"xx-register"))
    refused = RUN.invoke(app, given)
    assert refused.exit_code == 4
    assert "not valid" in refused.output
    version = json.loads(data)["version"]
    assert client.get(f"/log/absent/{version}").status_code == 404, "a visitor makes the node prove nothing"
    releases_publish.tidy(cast.centre)
    (tmp_path / "absent").write_bytes(client.get(f"/log/absent/{version}").content)
    done = RUN.invoke(app, ["verify", "absence", str(tmp_path / "absent"), "--policy", str(policy)])
    assert done.exit_code == 0, done.output
    assert f"{4 * len(canaries())} digests" in done.output
    with acting(cast.centre):
        row = Release.objects.get(version=version)
    (tmp_path / "manifest").write_bytes(bytes(row.manifest))
    (tmp_path / "entry").write_bytes(data)
    said = RUN.invoke(
        app,
        [
            "verify",
            "release",
            *(str(tmp_path / name) for name in ("manifest", "entry", "proof")),
            "--policy",
            str(policy),
        ],
    )
    assert said.exit_code == 0, said.output


def test_without_its_witnesses_nothing_new_is_published_and_with_them_nothing_is_lost(
    cast: Cast, witnesses: list[Answering], client: Client
) -> None:
    _activated(cast)
    _published(witnesses)
    before = public_log_log.open_log().published()  # type: ignore[union-attr]
    witnesses[1].away = True
    _activated(cast)
    done = publish.publish()
    assert done is not None
    assert (done.size, done.lacking, set(done.errors)) == (before.size, "both", {"academy.example/w"})
    state = status.state()
    assert state is not None
    assert state.size == before.size
    assert state.waiting > 0
    assert [bool(w.error) for w in state.witnesses] == [False, True]
    for seconds, late in ((50, False), (70, True)):
        with clock.simulate(clock.now() + timedelta(seconds=seconds)):
            found = status.state()
            assert found is not None
            assert found.delayed is late
            (finding,) = [one for one in doctor.examine() if one.name == "Public log"]
            assert finding.fine is not late
            told = dashboard.overview(cast.actor(cast.auditor, "auditor"))
            assert told is not None
            assert ("Entries waiting more than 1 minute for the public log" in str(told["todos"])) is late
            assert ("for more than 1 minute" in client.get("/log/").content.decode()) is late
    witnesses[1].away = False
    _published(witnesses)
    after = public_log_log.open_log()
    assert after is not None
    assert after.published().size >= before.size + state.waiting
    audit(Tiles(after.fetch), after.published())
    Policy.parse(public_log_log.policy_text()).open(after.fetch("checkpoint"))


def test_absence_is_proven_for_those_who_may_ask_and_presence_never(
    cast: Cast, witnesses: list[Answering], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = secrets.token_hex(32)
    _active(cast, listed)
    releases_publish.publish(cast.centre)
    sequencer.sequence_all()
    _published(witnesses)
    auditor = cast.actor(cast.auditor, "auditor")
    found = certified_set.prove_absent(auditor, cast.centre, "sha256", "ab" * 32, case="4 K 12/26")
    policy = Policy.parse(public_log_log.policy_text())
    found.check(policy)
    _no_flipped_bit_passes(found, policy)
    with pytest.raises(Invalid, match="A proof of absence is not possible"):
        certified_set.prove_absent(auditor, cast.centre, "sha256", listed, case="4 K 12/26")
    with pytest.raises(Invalid):
        certified_set.prove_absent(auditor, cast.centre, "sha256", "no hash", case="4 K 12/26")
    with pytest.raises(Forbidden):
        certified_set.prove_absent(cast.pixelpost, cast.centre, "sha256", "ab" * 32, case="mine")
    with pytest.raises(Invalid, match="Enter the case"):
        certified_set.prove_absent(auditor, cast.centre, "sha256", "ab" * 32, case=" ")
    monkeypatch.setattr(certified_set, "PROOFS_A_DAY", 4)
    certified_set.prove_absent(auditor, cast.centre, "sha256", "cd" * 32, case="4 K 12/26")
    with pytest.raises(ProofsSpent):
        certified_set.prove_absent(auditor, cast.centre, "sha256", "ef" * 32, case="4 K 12/26")
    with clock.simulate(clock.now() + timedelta(days=1)):
        certified_set.prove_absent(auditor, cast.centre, "sha256", "ef" * 32, case="4 K 12/26")


def _no_flipped_bit_passes(found: Absence, policy: Policy) -> None:
    """In any part of a proof: its value, its place, the release's entry, and that entry's proof with the quorum."""
    rng = random.Random(9)
    for round_ in range(800):
        name = ("public", "value_proof", "entry", "log_proof", "place")[round_ % 5]
        part = bytes(getattr(found, name))
        at = rng.randrange(8 * len(part))
        flipped = part[: at // 8] + bytes([part[at // 8] ^ (1 << at % 8)]) + part[at // 8 + 1 :]
        with pytest.raises(Refused):
            _with(found, name, flipped).check(policy)


def _with(found: Absence, name: str, part: bytes) -> Absence:
    return replace(found, **{name: TreePlace.parse(part) if name == "place" else part})  # type: ignore[arg-type]


def test_lawful_pictures_cannot_be_proposed(cast: Cast) -> None:
    one = canaries()[0]
    near = f"{int(one['pdq'], 16) ^ 0b111:064x}"
    for kind, value in (("sha256", one["sha256"]), ("pdq", near)):
        with pytest.raises(Invalid, match="lawful"):
            propose.propose(
                cast.hotline_ie,
                given=[HashValue(kind, value, 90 if kind == "pdq" else None)],
                media_type="image",
                classification=CLASS,
                reason="for a test",
            )


@pytest.mark.parametrize(
    "path",
    [
        "/log/tile/../checkpoint",
        "/log/tile/0/000/../../x",
        "/log/tile/9/999",
        "/log/entry/99999999",
        "/log/proof/99999999",
        "/log/absent/99999",
        "/log/tile/entries/000.p/0",
    ],
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def _copied(tmp_path: Path, name: str) -> Path:
    """The log's folder as it is now."""
    shutil.copytree(public_log_log.folder(), tmp_path / name)
    return tmp_path / name


def _restored(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of an older copy, in a process that has not asked the witnesses yet."""
    monkeypatch.setattr(public_log_log, "folder", lambda: copy)
    monkeypatch.setattr(publish, "_settled", set())


def test_a_log_restored_from_an_older_copy_signs_nothing_until_it_has_caught_up(
    cast: Cast, witnesses: list[Answering], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _activated(cast)
    _published(witnesses)
    older = _copied(tmp_path, "older")
    _activated(cast)
    _published(witnesses)
    mirror = _copied(tmp_path, "mirror")
    _restored(older, monkeypatch)
    _activated(cast)
    before = public_log_log.open_log().published()  # type: ignore[union-attr]
    done = publish.publish()
    assert done is not None
    assert (done.size, done.lacking) == (before.size, "behind its witnesses")
    written = public_log_log.open_log()
    assert written is not None
    assert written.pending() is None, "nothing was signed"
    state = status.state()
    assert state is not None
    assert state.behind > 0
    assert all("older copy" in w.error for w in state.witnesses)
    refused = RUN.invoke(log.app, ["catch-up", str(older)])
    assert refused.exit_code == 0, "a copy that has nothing more takes nothing back"
    assert "0 entries" in refused.output
    done_ = RUN.invoke(log.app, ["catch-up", str(mirror)])
    assert done_.exit_code == 0, done_.output
    after = _published(witnesses)
    assert not after.lacking
    audit(Tiles(written.fetch), written.published())
    assert status.state().behind == 0  # type: ignore[union-attr]


def test_a_copy_that_contradicts_the_log_is_not_taken(
    cast: Cast, witnesses: list[Answering], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _activated(cast)
    _published(witnesses)
    older = _copied(tmp_path, "older")
    _activated(cast)
    _published(witnesses)
    mirror = _copied(tmp_path, "mirror")
    _restored(older, monkeypatch)
    size = public_log_log.open_log().published().size  # type: ignore[union-attr]
    for bundle in (mirror / "tile" / "entries").rglob("*"):
        if bundle.is_file():
            bundle.write_bytes(bundle.read_bytes().replace(b'"commitment"', b'"commitmenT"'))
    refused = RUN.invoke(log.app, ["catch-up", str(mirror)])
    assert refused.exit_code == 4
    assert "do not lead" in refused.output
    assert public_log_log.open_log().published().size == size  # type: ignore[union-attr]
    assert RUN.invoke(log.app, ["catch-up", str(tmp_path / "nowhere")]).exit_code == 2


def test_a_restarted_log_waits_for_those_witnesses_that_could_have_signed_more(
    cast: Cast, witnesses: list[Answering], monkeypatch: pytest.MonkeyPatch
) -> None:
    _activated(cast)
    _published(witnesses)
    _restored(public_log_log.folder(), monkeypatch)
    for one in witnesses:
        one.away = True
    _activated(cast)
    done = publish.publish()
    assert done is not None
    assert done.lacking == "its witnesses' last word"
    assert public_log_log.open_log().pending() is None  # type: ignore[union-attr]
    # Both are needed for a quorum, so one of them knows of everything that was ever published.
    witnesses[0].away = False
    done = publish.publish()
    assert done is not None
    assert done.lacking == "both"
    witnesses[1].away = False
    assert not _published(witnesses).lacking


def _outside(witnesses: list[Answering]) -> Answering:
    """The second witness cosigns, and the quorum is the first one alone."""
    path = Path(settings.LOG_POLICY)
    lines = [line for line in path.read_text().splitlines() if line.startswith("witness")]
    path.write_text("\n".join([*lines, f"quorum {witnesses[0].name}", ""]))
    return witnesses[1]


def test_one_witness_outside_the_quorum_stops_no_log(
    cast: Cast, witnesses: list[Answering], monkeypatch: pytest.MonkeyPatch
) -> None:
    _activated(cast)
    liar = _outside(witnesses)
    assert not _published(witnesses).lacking

    def junk(body: bytes) -> httpx.Response:
        """Its true line, and ninety-nine of its name."""
        answer = liar.store.answer(body)
        line = b"\xe2\x80\x94 %b %b\n" % (liar.name.encode(), b"A" * 40)
        return httpx.Response(answer.status, content=answer.body + line * 99)

    def more(_: bytes) -> httpx.Response:
        return httpx.Response(409, content=b"999999999999\n")

    def other(_: bytes) -> httpx.Response:
        return httpx.Response(422, content=b"another tree")

    for lie in (more, other, junk):
        liar.lie = lie
        _restored(public_log_log.folder(), monkeypatch)
        before = public_log_log.open_log().published()  # type: ignore[union-attr]
        _activated(cast)
        for _ in range(2):
            done = publish.publish()
            assert done is not None, lie
        assert (done.lacking, done.size > before.size) == ("", True), lie
        assert status.state().behind == 0  # type: ignore[union-attr]
    liar.lie = None
    _activated(cast)
    assert not _published(witnesses).errors, "it cosigns again"


def test_events_of_one_change_are_public_in_the_order_of_the_chain_and_places_have_no_gap(cast: Cast) -> None:
    """A batch mixes what is public and what is not; each batch goes on where the one before ended."""
    sequencer.sequence_all()
    kinds = ["indicator.proposed", "test.change", "indicator.revoked", "test.change", "indicator.suspended"] * 5
    with acting(cast.hotline_ie):
        kind_of = {record(cast.hotline_ie, kind, "thing", n): kind for n, kind in enumerate(kinds)}
    made = sorted(kind_of)  # of one transaction, by their ids
    done = []
    while count := sequencer.sequence(limit=7):
        done.append(count)
    assert sum(done) >= len(made)
    assert max(done) <= 7
    places = dict(Entry.objects.filter(event_id__in=made).values_list("event_id", "position"))
    assert [places[one] for one in made] == list(range(places[made[0]], places[made[0]] + len(made)))
    public = dict(PublicLeaf.objects.filter(event_id__in=made).values_list("event_id", "position"))
    wanted = [one for one in made if kind_of[one] != "test.change"]
    assert [public[one] for one in wanted] == list(range(public[wanted[0]], public[wanted[0]] + len(wanted)))
    assert len(public) == len(wanted)
