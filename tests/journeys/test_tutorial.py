"""Every command of docs/tutorial.md, as it stands on the page; and its report by hand in a real browser."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import ROOT, WALK_SECONDS, Demo, signed_in, submit
from tests.support.drills import long_only

# A page is followed from its beginning.
pytestmark = [pytest.mark.slow, pytest.mark.random_order(disabled=True)]

PAGE = (ROOT / "docs" / "tutorial.md").read_text()
BLOCKS = dict(re.findall(r"```sh (\w+)\n(.*?)```", PAGE, re.DOTALL))
FOLDER = ROOT / "build" / "tutorial"
UPLOAD = FOLDER / "upload.jpg"
DRAFT = re.compile(r"/desk/drafts/[0-9a-f-]{36}/$")
PATIENCE_MS = 40_000
# These two have run before any test of this file: the first made the environment, the second is the fixture `demo`.
ALREADY = {"setup": "make setup\n", "demo": "make demo\n"}


def _run(name: str, demo: Demo | None = None) -> subprocess.CompletedProcess[str]:
    """Run a block in the repository, and beside a demonstration in its environment."""
    script = BLOCKS[name].replace("make ", "make -o setup-node ").replace("TUTELA_DATA=.data ", "")
    return subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=demo.env if demo else None,
        capture_output=True,
        text=True,
        timeout=WALK_SECONDS,
        check=False,
    )


def test_every_block_of_the_tutorial_is_run() -> None:
    assert set(BLOCKS) == {"setup", "list", "upload", "scan", "demo", "walk", "verify"}
    assert {name: BLOCKS[name] for name in ALREADY} == ALREADY
    assert "tutela.app.cli demo run" in (ROOT / "Makefile").read_text(), "what the fixture starts"
    assert PAGE.count("```") == 2 * len(BLOCKS), "a block has a name"


def test_a_smaller_copy_matches_the_list() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    listed = _run("list")
    assert (listed.returncode, "entries" in listed.stdout) == (3, True), listed.stderr
    made = _run("upload")
    assert made.returncode == 0, made.stderr
    found = _run("scan")
    assert (found.returncode, "near-pdq" in found.stdout) == (1, True), found.stderr


@long_only  # `.ci/run` walks beside the demonstration of a week, as root and as a guest
def test_the_walk_holds_beside_the_demonstration(demo: Demo) -> None:
    done = _run("walk", demo)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All steps succeeded" in done.stdout + done.stderr


def test_the_log_is_verified(demo: Demo) -> None:
    done = _run("verify", demo)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_report_by_hand_reaches_the_centre(demo: Demo, chromium: Browser) -> None:
    priya, marek = (
        signed_in(chromium, demo, email).new_page() for email in ("priya@pixelpost.example", "marek@centre.example")
    )
    priya.goto("/desk/drafts/new/")
    priya.select_option("[name=kind]", "new")
    priya.select_option("[name=awareness]", "user_flag")
    priya.fill("[name=sha256]", hashlib.sha256(UPLOAD.read_bytes()).hexdigest())
    priya.fill("[name=account]", "account-1")
    priya.check("[name=confirmed]")
    priya.click("main form button")
    priya.wait_for_url(DRAFT)
    report = priya.url.rstrip("/").rpartition("/")[2]
    priya.check("[name=without_address]")
    submit(priya.locator("form[action$='/send/'] button"))
    for _ in range(PATIENCE_MS // 500):
        priya.goto(f"/desk/drafts/{report}/")
        if priya.locator("main:has-text('Receipt verified:')").count():
            break
        priya.wait_for_timeout(500)
    expect(priya.locator("main")).to_contain_text("Receipt verified:")
    marek.goto(f"/desk/reports/{report}/")
    marek.check("[name=decision][value=unfounded]")
    marek.select_option("#code", "no_person")
    submit(marek.locator("form[action$='/assess/'] button"))
    marek.goto(f"/desk/reports/{report}/")
    expect(marek.locator("main")).to_contain_text("unfounded")
