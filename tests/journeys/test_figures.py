"""A policy officer files a return, an auditor computes figures again, a journalist downloads and cites a dataset."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import ROOT, Demo, confirm, quiet, signed_in

COMMANDS = re.findall(r"^ +tutela (.+)$", (ROOT / "docs/howto/figures.md").read_text(), re.MULTILINE)
DASHBOARDS = ("funnel", "map", "flows", "surges", "quality", "removal")


@pytest.mark.slow
def test_a_policy_officer_files_a_return(demo: Demo, chromium: Browser) -> None:
    page = signed_in(chromium, demo, "lena@centre.example").new_page()
    said = quiet(page)
    page.goto("/desk/returns/")
    page.locator("main a[href*='/desk/returns/new/centre-csar-84/']").first.click()
    page.get_by_role("button", name="Sign and file the return").click()
    confirm(page)
    expect(page.get_by_text("The return is signed and filed.")).to_be_visible()
    with page.expect_download() as waiting:
        page.locator("main a[href$='file.csv']").first.click()
    assert waiting.value.path().read_bytes()
    assert said == []


@pytest.mark.slow
def test_an_auditor_computes_a_release_again(demo: Demo, chromium: Browser) -> None:
    page = signed_in(chromium, demo, "nora@audit.example").new_page()
    page.goto("/desk/figures/")
    page.locator("main a[href*='/recompute/']").first.click()
    expect(page.get_by_text("Every figure agrees")).to_be_visible()


@pytest.mark.slow
def test_a_journalist_reads_downloads_and_cites_without_a_script(demo: Demo, chromium: Browser) -> None:
    page = chromium.new_context(base_url=demo.address, java_script_enabled=False).new_page()
    drawn = []
    for name in DASHBOARDS:
        page.goto(f"/figures/dashboards/{name}/")
        drawn += page.locator(".drawing svg").all()
        expect(page.get_by_role("heading", name="Not known")).to_be_visible()
        expect(page.get_by_role("heading", name="Definition and method")).to_be_visible()
    assert drawn  # of a week's flows between countries none may be published
    page.goto("/figures/dashboards/flows/")
    page.get_by_role("link", name="Download and cite").click()
    version = page.locator("main code").first.inner_text()
    expect(page.get_by_text(f"Version {version}")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert waiting.value.path().read_text().startswith("week,origin,destination,reports,missing")


@pytest.mark.slow
def test_the_commands_of_the_guide_verify_a_downloaded_release(demo: Demo, chromium: Browser, tmp_path: Path) -> None:
    page = chromium.new_context(base_url=demo.address).new_page()
    page.goto("/figures/")
    page.locator("main a[href*='/figures/releases/']").first.click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the file to verify").click()
    waiting.value.save_as(tmp_path / "figures.json")
    (tmp_path / "policy.txt").write_bytes(httpx.get(f"{demo.address}/log/policy").raise_for_status().content)
    assert [one.split()[:2] for one in COMMANDS] == [["verify", "figures"]] * 2
    for one in COMMANDS:
        line = [sys.executable, "-m", "tutela.app.cli", *shlex.split(one)]
        done = subprocess.run(line, cwd=tmp_path, env=demo.env, capture_output=True, text=True)
        assert done.returncode == 0, f"{one}\n{done.stdout}{done.stderr}"
        assert done.stdout.rstrip().endswith("holds")
