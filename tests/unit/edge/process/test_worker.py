"""The Edge as a whole: its own loops, a Centre and a desk on the loopback interface, and a kill."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.edge_centre import KEY, LIST, POLICY_TEXT, Centre, manifest
from tests.support.edge_loopback import Desk, serving
from tests.support.fakes.media import HasherPool, picture
from tests.support.matching_lists import entry_id, pdq, record
from tutela.edge.process import worker
from tutela.edge.runtime import hashers
from tutela.edge.runtime.settings import Settings
from tutela.exchange.report.candidate import Candidate
from tutela.matching import snapshot_bytes

TOKEN = "t" * 32


def settings(folder: Path, url: str, **change: Any) -> Settings:
    values = {
        "data_dir": folder,
        "centre_url": url,
        "api_key": "edge-key",
        "desk_url": url,
        "tokens": TOKEN,
        "release_keys": KEY.public_key().public_bytes_raw().hex(),
        "list_ids": LIST,
        "poll_seconds": 0.02,
        "detection": "on",
        "log_policy": folder / "policy.txt",
    }
    (folder / "policy.txt").write_text(POLICY_TEXT)
    return Settings.model_validate(values | change)


def present_centre() -> Centre:
    made, now = Centre(), datetime.now(UTC)
    made.publish(3, 1)
    assert made.manifest is not None
    made.head(at=now, expires=now + timedelta(hours=1))
    return made


def test_a_whole_edge_fetches_matches_delivers_and_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashers, "HasherPool", HasherPool)
    monkeypatch.setattr("tests.support.edge_centre.NOW", datetime.now(UTC))
    centre, desk = present_centre(), Desk()
    with serving(centre, desk) as url, TestClient(worker.create_app(settings(tmp_path, url))) as http:
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        while http.get("/healthz/ready").status_code != 200:
            assert datetime.now(UTC) < deadline, http.get("/metrics").text
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Tutela-Item": "item-1"}
        answer = http.post("/v1/scan", content=picture(pdq(1)), headers=headers).json()
        assert answer["matches"][0]["entry_id"] == str(entry_id(1))
        assert desk.arrived.wait(20)
        assert Candidate.from_bytes(desk.taken[answer["candidate"]["key"]]).item == "item-1"
        now = datetime.now(UTC)
        centre.head(at=now, expires=now + timedelta(hours=1), removed=(entry_id(1),))
        while http.post("/v1/scan", content=picture(pdq(1)), headers=headers).json()["matches"]:
            assert datetime.now(UTC) < deadline + timedelta(seconds=20)


def test_a_candidate_survives_the_kill_of_the_edge(tmp_path: Path) -> None:
    lists = tmp_path / "mine"
    lists.mkdir()
    data, _ = snapshot_bytes([record(1)])
    (lists / "snapshot").write_bytes(data)
    expires = datetime.now(UTC) + timedelta(days=1)
    mine = manifest(data, 1, 1, source_kind="provider_source", expires=expires, created=expires - timedelta(days=2))
    (lists / "manifest.json").write_bytes(mine.to_bytes())
    program = """
        import os, signal, sys
        from tests.support.fakes import media
        media.install()
        from starlette.testclient import TestClient
        from tests.support.matching_lists import pdq
        from tutela.edge.process import worker
        from tutela.edge.runtime import hashers
        hashers.HasherPool = media.HasherPool
        headers = {"Authorization": "Bearer " + "t" * 32, "X-Tutela-Item": "item-1"}
        answer = TestClient(worker.create_app()).post("/v1/scan", content=media.picture(pdq(1)), headers=headers)
        print(answer.json()["candidate"]["key"], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    env = os.environ | {
        "TUTELA_EDGE_DATA_DIR": str(tmp_path / "data"),
        "TUTELA_EDGE_TOKENS": TOKEN,
        "TUTELA_EDGE_PROVIDER_LISTS": str(lists),
        "TUTELA_EDGE_DESK_URL": "http://127.0.0.1:1",
    }
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)]
    root = Path(__file__).parents[4]
    done = subprocess.run(command, env=env, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    key = done.stdout.split()[-1]

    desk = Desk()
    with pytest.MonkeyPatch.context() as patch, serving(Centre(), desk) as url:
        patch.setattr(hashers, "HasherPool", HasherPool)
        again = settings(tmp_path / "data", url, list_ids="", provider_lists=str(lists))
        with TestClient(worker.create_app(again)):
            assert desk.arrived.wait(20)
    assert list(desk.taken) == [key]
