"""The examples of docs/howto/uploads.md, each run as it stands on the page, against a real Edge."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from starlette.testclient import TestClient

from tests.support.drills import CLI, ROOT, free_port, until
from tests.support.edges import LISTED, OTHER, TOKEN, RealEdge, running

PAGE = ROOT / "docs" / "howto" / "uploads.md"
# A picture of a format that is not decoded.
UNREAD = b"\x00\x00\x00\x0cjP  \r\n" + bytes(64)
BLOCKS = dict(re.findall(r"```python (\w+)\n(.*?)```", PAGE.read_text(), re.DOTALL))


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealEdge]:
    with running(tmp_path_factory.mktemp("edge") / "e") as made:
        yield made


@pytest.fixture
def page(edge: RealEdge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a block of the page in a folder of its own; answers its names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TUTELA_EDGE_URL", edge.url)
    monkeypatch.setenv("TUTELA_EDGE_TOKEN", TOKEN)

    def run(name: str) -> dict[str, Any]:
        names: dict[str, Any] = {"__name__": f"page_{name}"}
        exec(compile(BLOCKS[name], f"{PAGE.name}:{name}", "exec", dont_inherit=True), names)
        return names

    return run


def test_every_example_has_its_test() -> None:
    assert set(BLOCKS) == {"django", "fastapi", "bucket"}


def test_django(page: Any) -> None:
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile

    assert settings.configured, "the tests' own settings do"
    form_class = page("django")["UploadForm"]

    def filled(path: Path) -> Any:
        return form_class(
            {}, {"picture": SimpleUploadedFile(path.name, path.read_bytes())}, reference="u-1", account="a"
        )

    known, other = filled(LISTED), filled(OTHER)
    assert (known.is_valid(), known.held) == (True, True)
    assert (other.is_valid(), other.held) == (True, False)
    assert other.cleaned_data["picture"].read() == OTHER.read_bytes()
    unread = form_class({}, {"picture": SimpleUploadedFile("a.jp2", UNREAD)}, reference="u-3", account="a")
    assert (unread.is_valid(), unread.held) == (True, False), "by default it passes, and waits for a person"


def test_django_while_the_edge_is_away(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    monkeypatch.setenv("TUTELA_EDGE_URL", f"http://127.0.0.1:{free_port()}")
    names = page("django")
    form = names["UploadForm"](
        {}, {"picture": SimpleUploadedFile("a", LISTED.read_bytes())}, reference="u-2", account="a"
    )
    assert form.is_valid()
    assert "u-2" in Path("unscanned.jsonl").read_text()


def test_fastapi(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    names = page("fastapi")
    http = TestClient(names["app"])
    known = http.post("/pictures", files={"picture": LISTED.read_bytes()}).json()["id"]
    other = http.post("/pictures", files={"picture": OTHER.read_bytes()}).json()["id"]
    assert (list(names["held"]), list(names["published"])) == ([known], [other])
    unread = http.post("/pictures", files={"picture": UNREAD}).json()["id"]
    assert list(names["held"]) == [known, unread], "what cannot be hashed is not published"
    monkeypatch.setenv("TUTELA_EDGE_URL", f"http://127.0.0.1:{free_port()}")
    away = TestClient(page("fastapi")["app"]).post("/pictures", files={"picture": OTHER.read_bytes()})
    assert (away.status_code, away.headers["retry-after"]) == (503, "5")


def test_a_bucket_tells_the_edge_and_the_edge_tells_the_application(
    page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTELA_EDGE_WEBHOOK_SECRET", "s" * 32)
    names = page("bucket")
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    store.start()
    endpoint = "http://{}:{}".format(*store.get_host_and_port())
    aws = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in aws.items():
        monkeypatch.setenv(name, value)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="media")
    for path in (LISTED, OTHER):
        s3.put_object(Bucket="media", Key=f"media attachments/{path.name}", Body=path.read_bytes())
    try:
        with (
            Served(names["app"]) as hook,
            running(tmp_path / "e", FETCH_ORIGINS="s3://media", WEBHOOK_URL=hook, WEBHOOK_SECRET="s" * 32) as edge,
        ):
            answer = edge.ask("POST", "/v1/events/s3", json=_events(LISTED, OTHER))
            assert answer.json() == {"queued": 2, "known": 0}
            address = f"s3://media/media attachments/{LISTED.name}"
            until("the application holds it", lambda: address in names["held"], 60)
            until("all is scanned", lambda: "unscanned_waiting 0.0" in edge.ask("GET", "/metrics").text, 60)
            assert list(names["held"]) == [address]
            assert TestClient(names["app"]).post("/candidates", content=b"{}").status_code == 401
            _from_a_file(edge, tmp_path)
    finally:
        store.stop()


def _from_a_file(edge: RealEdge, folder: Path) -> None:
    """Events that a store could only write down: queued beside the running Edge, and scanned by it."""
    written = folder / "notifications.jsonl"
    written.write_text(json.dumps(_events(OTHER)) + "\nnonsense\n")
    done = subprocess.run(
        [*CLI, "edge", "events", str(written)], env=edge.env, cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (3, "1 queued, 1 lines not readable\n"), done.stderr
    until("it is scanned", lambda: 'rescans_total{outcome="nothing"} 2.0' in edge.ask("GET", "/metrics").text, 60)


def _events(*pictures: Path) -> dict[str, Any]:
    def one(path: Path) -> dict[str, Any]:
        key = f"media+attachments/{path.name}"
        return {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "media"}, "object": {"key": key}}}

    return {"Records": [one(path) for path in pictures]}


class Served:
    """An application on the loopback interface; `with` gives its address for candidates."""

    def __init__(self, app: Any) -> None:
        http = TestClient(app)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = http.post(self.path, content=body, headers=dict(self.headers))
                self.send_response(answer.status_code)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}/candidates"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
