"""The whole way of a video: proposed by a file of hashes, certified by another encoding, released, fetched by an Edge,
found in an upload, named at the provider's desk by its stretches, revoked, and found no more.
"""

from __future__ import annotations

import json
from pathlib import Path

import httpx
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from starlette.testclient import TestClient

from tests.integration.indicators.hashes.test_video_frames_register import Edge, copy, hashed, pool
from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support.cast import Cast
from tests.support.detection_world import World
from tests.support.register import log
from tests.support.register import release as publish
from tests.support.videos import video
from tutela.edge.process.app import build_app
from tutela.edge.process.coordinator import policy_of
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.scanner import EdgeService
from tutela.edge.runtime.settings import Settings
from tutela.edge.spool.candidates import Courier, to_desk
from tutela.edge.spool.encryption import Sealer
from tutela.edge.spool.outbox import Outbox
from tutela.edge.spool.unscanned import UnscannedQueue
from tutela.events.transaction import acting
from tutela.exchange.register.video_frames import as_vpdq, of_picture
from tutela.indicators.models import IndicatorFilm
from tutela.indicators.register import revoke
from tutela.indicators.releases import head
from tutela.media import HasherPool
from tutela.scan.item_json import described

__all__ = ["_scheme", "copy", "pool"]
TOKEN = "t" * 32


class Provider:
    """An Edge that answers uploads with the register's list, and hands candidates to the desk of this node."""

    def __init__(self, world: World, folder: Path, pool: HasherPool) -> None:
        self.edge = Edge(world.cast, folder / "edge")
        given = {
            "TOKENS": TOKEN,
            "MAX_BODY_BYTES": str(64 << 20),
            "DETECTION": "on",
            "PROCESSES": "1",
            "SERVICE": "Pixelpost Albums",
        }
        settings = Settings.from_env({f"TUTELA_EDGE_{name}": value for name, value in given.items()})
        outbox = Outbox(folder / "outbox", Sealer(bytes(32), "outbox"))
        queue = UnscannedQueue(folder / "unscanned", Sealer(bytes(32), "unscanned"), 3)
        service = EdgeService(self.edge.lists, pool, outbox, Metrics(), policy_of(settings), queue)
        self.http = TestClient(build_app(settings, service), headers={"Authorization": f"Bearer {TOKEN}"})
        browser = Client()

        def post(request: httpx.Request) -> httpx.Response:
            names = ("authorization", "idempotency-key")
            headers = {name: request.headers[name] for name in names if name in request.headers}
            got = browser.post(request.url.path, request.content, "application/json", headers=headers)
            return httpx.Response(got.status_code, content=got.content)

        desk = httpx.Client(base_url="http://testserver", transport=httpx.MockTransport(post), headers=world.headers)
        self.courier = Courier(outbox, to_desk(desk))

    def upload(self, data: bytes, name: str) -> list[str]:
        """The rules by which an upload agrees with the register now."""
        self.edge.sync.poll()
        assert not self.edge.alerts
        said = {"X-Tutela-Item": name, "X-Tutela-Service": "Pixelpost Albums", "X-Tutela-Channel": "public"}
        answer = self.http.post("/v1/scan", content=data, headers=said)
        assert answer.status_code == 200, answer.text
        return [one["rule"] for one in answer.json()["matches"]]


def test_from_a_film_to_the_desk_and_back(cast: Cast, pool: HasherPool, copy: bytes, tmp_path: Path) -> None:
    world = World(cast)
    line = json.dumps({"name": "a.mp4", **described(hashed(pool, video()), listed=True)})
    words = {"media_type": "video", "classification": CLASS, "reason": "Assessed"}
    analyst = cast.client(cast.hotline_ie, "analyst")
    file = SimpleUploadedFile("a.json", line.encode())
    assert analyst.post("/desk/indicators/propose/", {**words, "file": file}).status_code == 302
    with acting(cast.hotline_ie):
        made = IndicatorFilm.objects.get(organisation_id=cast.hotline_ie.organisation_id).indicator_id
    own = of_picture(described(hashed(pool, video("vp9-webm")), listed=True)["picture"])
    answer = Client().post(
        f"/api/v1/indicators/{made}/certifications",
        {"vpdq": json.loads(as_vpdq(own))},
        "application/json",
        headers=cast.key(cast.hotline_de, "indicators:certify"),
    )
    assert answer.json() == {"active": True}, answer.content
    publish(cast.centre)
    provider = Provider(world, tmp_path, pool)
    assert "near-video" in provider.upload(copy, "upload-1")
    assert provider.courier.deliver() == 1
    reviewer = cast.client(cast.pixelpost, "reviewer")
    queue = reviewer.get("/desk/candidates/").content.decode()
    (address,) = {one for one in queue.split('"') if one.startswith("/desk/candidates/0")}
    page = reviewer.get(address).content.decode()
    assert "0:05–0:09" in page
    assert "100 % of the listed video" in page
    revoke.revoke(cast.centre, made, "It shows something else")
    head.refresh_head(cast.centre)
    log()
    assert provider.upload(copy, "upload-2") == []
