"""A removal request in real Chromium: how near its fingerprints are to ours, their time on a slow phone, the page.

`browser_bits_max` is the largest distance, in bits, between PDQ of a file as Chromium decodes it (the page's own
script) and as our hasher does, over generated pictures in PNG, JPEG of several qualities and samplings, and WebP;
pictures that either calls flat are left out and counted. Times are of a generated JPEG of 12 megapixels on the page's
main thread, in a tab whose processor is slowed down fourfold by the browser's own protocol, as Lighthouse does for a
slow phone; medians of five rounds. On the real page a worker does this work; how long that page then leaves a timer
waiting is measured in the same tab, with the picture in the worker. `public_first_page` is the first public page with
all that it loads, uncompressed. The picture never leaves the tab: requests during a fingerprint are counted.
"""

from __future__ import annotations

import io
import os
import random
import re
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, ROUNDS, figure, machine, note, report
from playwright.sync_api import CDPSession, Page, sync_playwright
from tests.support.browser import ARGUMENTS, CHROMIUM
from tests.support.patience import PATIENCE
from tests.support.pictures import Rgb, landscape, texture

from tutela.media.images import decode
from tutela.media.limits import Level, Limits

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "src/tutela/victims/static/victims"
PICTURES = 6 if QUICK else 600
# A slow phone, as Lighthouse simulates it.
SLOWER = 4
LARGE = (1600, 1200) if QUICK else (4000, 3000)
FORMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("PNG", {}),
    ("JPEG", {"quality": 90, "subsampling": "4:4:4"}),
    ("JPEG", {"quality": 75, "subsampling": "4:2:0"}),
    ("JPEG", {"quality": 60, "subsampling": "4:2:0", "progressive": True}),
    ("WEBP", {"quality": 80}),
    ("WEBP", {"lossless": True}),
)
# Loads the worker's script into the page, so that its functions can be called on the main thread.
PAGE = '<!doctype html><title>bench</title><input id="file" type="file"><script src="hashing.js"></script>'
HASH = """async () => {
  const file = document.getElementById("file").files[0];
  const began = performance.now();
  const made = hashesOf(await createImageBitmap(file), %s, () => {});
  return { hash: made.length ? made[0].hash : "", count: made.length, took: performance.now() - began };
}"""
WORKER = """() => new Promise((resolve) => {
  const file = document.getElementById("file").files[0], worker = new Worker("hashing.js"), began = performance.now();
  let last = began, longest = 0, told = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 10);
  worker.onmessage = ({ data }) => {
    if (data.share !== undefined) { told += 1; return; }
    clearInterval(timer);
    resolve({ longest, told, took: performance.now() - began });
  };
  worker.postMessage(file);
})"""


def main() -> None:
    """Measure, and print the figures."""
    machine()
    with TemporaryDirectory() as folder, served(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, timeout=30_000 * PATIENCE)
        page = browser.new_page()
        page.set_default_timeout(30_000 * PATIENCE)
        note(f"Chromium {browser.version}")
        page.goto(f"{address}/page.html")
        _distances(page, Path(folder))
        _times(page, Path(folder))
        browser.close()
    _first_page()
    report()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A site with the page and the worker's script."""
    (folder / "page.html").write_text(PAGE)
    (folder / "hashing.js").write_bytes((STATIC / "hashing.js").read_bytes())

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def _distances(page: Page, folder: Path) -> None:
    distances, flat = [], 0
    chance = random.Random(1)
    for number in range(PICTURES):
        form, options = FORMS[number % len(FORMS)]
        data = _encoded(_picture(number, chance), form, options)
        theirs = _in_browser(page, folder, data, form)["hash"]
        ours = _ours(data)
        if not theirs or not ours:
            flat += 1
            continue
        distances.append((int(theirs, 16) ^ int(ours, 16)).bit_count())
    counted = {bits: distances.count(bits) for bits in sorted(set(distances))}
    note(f"{len(distances)} pictures compared, {flat} flat; pictures by distance in bits: {counted}")
    figure("browser_pictures", len(distances), "pictures", f">={PICTURES * 5 // 6}")
    figure("browser_bits_max", max(distances), "bits", "<=4")


def _times(page: Page, folder: Path) -> None:
    file = folder / "large.jpg"
    file.write_bytes(_encoded(landscape(5, *LARGE), "JPEG", {"quality": 88, "subsampling": "4:2:0"}))
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.locator("#file").set_input_files(file)
    for name, windows in (("browser_hash_12mp", "true"), ("browser_hash_12mp_whole", "false")):
        taken = [page.evaluate(HASH % windows)["took"] for _ in range(1 + ROUNDS)][1:]
        figure(name, statistics.median(taken) / 1000, "s", "<=2" if windows == "true" else "none")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    worked = [page.evaluate(WORKER) for _ in range(ROUNDS)]
    figure("browser_page_waits_ms", max(one["longest"] for one in worked), "ms", "<=200")
    figure("browser_progress_steps", min(one["told"] for one in worked), "steps", ">=10")
    media = [one for one in requests if not one.endswith("hashing.js")]
    figure("browser_requests_with_media", len(media), "requests", "=0")
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})


def _first_page() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.app.settings")
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@/none")
    django.setup()
    from django.contrib.staticfiles import finders
    from django.test import RequestFactory

    from tutela.victims.web import help_pages

    page = help_pages.first(RequestFactory().get("/help/")).content
    loaded = set(re.findall(rb'(?:src|href)="/static/([^"]+)"', page))
    parts = [Path(str(finders.find(name.decode()))).read_bytes() for name in loaded]
    figure("public_first_page", (len(page) + sum(map(len, parts))) / 1000, "kB", "<=60")


def _picture(number: int, chance: random.Random) -> Rgb:
    width, height = chance.randrange(160, 1600), chance.randrange(160, 1600)
    return (landscape if number % 2 else texture)(number, width, height)


def _encoded(picture: Rgb, form: str, options: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, form, **options)
    return out.getvalue()


def _in_browser(page: Page, folder: Path, data: bytes, form: str) -> dict[str, Any]:
    file = folder / f"picture.{form.lower()}"
    file.write_bytes(data)
    page.locator("#file").set_input_files(file)
    found: dict[str, Any] = page.evaluate(HASH % "false")
    return found


def _ours(data: bytes) -> str:
    (frame,) = decode.describe(data, Limits(windows=Level.OFF)).frames
    return frame.pdq.hex() if frame.matchable else ""


if __name__ == "__main__":
    main()
