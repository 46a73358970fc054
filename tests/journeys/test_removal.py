"""Removal of pictures that stay where they are: a survivor, a mother and her child, and a stranger."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.support import videos
from tests.support.browser import ROOT, Demo, confirm
from tests.support.drills import until
from tests.support.pictures import texture
from tests.support.removal_browser import (
    MOST_BYTES,
    PATIENCE,
    SECONDS,
    CaseAccess,
    Desks,
    Telephone,
    appears,
    opened,
    picture,
    pixelpost,
    second_host,
    telephone,
)
from tutela.edge.active_lists.lists_in_use import Subject
from tutela.edge.active_lists.provider_lists import ProviderSource
from tutela.exchange.removal.requested_hashes import LIST_ID

pytestmark = pytest.mark.slow
REQUESTS = "/desk/removals/"
REMOVED = ("data-state", "removed")
# What people in trouble read: one language from left to right, and one from right to left.
LANGUAGES = ("en", "ar")


@pytest.fixture(scope="module")
def desk(demo: Demo, chromium: Browser) -> Desks:
    return Desks(demo, chromium)


def kept(phone: Telephone, files: list[Path], demo: Demo) -> None:
    """Nothing of a picture left the telephone: no other site, no large message, no part of the file, no name."""
    for one in phone.traffic:
        assert one.url.startswith((demo.address, "blob:", "data:")), "no other site"
        sent = one.post_data_buffer or b""
        assert len(sent) <= MOST_BYTES
        for file in files:
            assert file.read_bytes()[64:128] not in sent
            assert file.stem not in (one.post_data or "") + one.url
    assert phone.context.cookies() == []
    assert phone.said == []


def send_to_hosts(support: Page, case: CaseAccess) -> None:
    """Victim support sends the fingerprints of a case to every host."""
    opened(support, f"{REQUESTS}?view=all&text={case.number}", "W-")
    for one in support.locator("[name=hosts]").all():
        one.check()
    support.locator(".decision-bar").get_by_role("button", name="Send fingerprints").click()
    confirm(support)
    expect(support.locator("main")).to_contain_text("The fingerprints are sent.")


def take_down(hotline: Page) -> None:
    """The hotline assesses the address, and sees that it is gone."""
    opened(hotline, "/desk/takedown/?source=victims", "to assess")
    main = hotline.locator("main")
    hotline.get_by_label("illegal here").check()
    hotline.get_by_label("Label of the content").select_option("eu-2011-93:known-material")
    hotline.get_by_label("Child").select_option("unclear")
    hotline.locator(".decision-bar button").first.click()
    expect(main).to_contain_text("Assessment recorded")
    hotline.locator("summary", has_text="I saw that it is gone").click()
    hotline.get_by_role("button", name="Record that it is gone").click()
    expect(main).to_contain_text("verified absent")


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_pictures_are_removed_at_two_hosts_without_leaving_the_telephone(
    demo: Demo, chromium: Browser, desk: Desks, tmp_path: Path, language: str
) -> None:
    phone = telephone(chromium, demo, language)
    phone.open("removal/")
    phone.page.locator('main a[href$="/removal/pictures/"]').click()
    expect(phone.page.locator("[data-fingerprints] button")).to_be_disabled()
    files = [picture(tmp_path) for _ in range(2)]
    looks = []
    for place, file in enumerate(files):
        phone.choose(file)
        body = phone.send()
        assert bool(body["reader"]) == bool(place), "the second is of the same case"
        assert {one["type"] for one in body["fingerprints"]} == {"md5", "sha256", "pdq"}
        looks.append(next(one["hash"] for one in body["fingerprints"] if one["type"] == "pdq"))
    case = phone.access()
    expect(phone.reads(case, "[data-pictures='2']").locator("[data-no-host]")).to_be_visible()
    # At a hotline one address is one case, also when the same demonstration is used again.
    address = f"https://album-{secrets.token_hex(4)}.quickpages.example/t/9"
    phone.page.locator("#text").fill(f"{address} - a neutral token.")
    phone.page.locator('form[action$="/answers/add/"] button').click()
    expect(phone.page.locator("main .message.success")).to_be_visible(timeout=PATIENCE)

    support, lead = desk("ines@support.example"), desk("hugo@chatterbox.example")
    hosts = {"Pixelpost": pixelpost(demo), "Chatterbox": second_host(demo, lead, f"Groups {secrets.token_hex(2)}")}
    send_to_hosts(support, case)
    reviewers = {"Pixelpost": desk("tom@pixelpost.example"), "Chatterbox": lead}
    for name, host in hosts.items():
        for look in looks:
            host.finds(reviewers[name], host.entry(look), "removed")
    appears(support, address)
    support.locator(".decision-bar").get_by_role("button", name="Hand addresses over").click()
    confirm(support)
    expect(support.locator("main")).to_contain_text("The addresses are handed over.")
    hotline = desk("aoife@hotline-ie.example")
    take_down(hotline)
    main = phone.reads(case, "[data-address][data-state=removed]")
    for name in hosts:
        for place in (1, 2):
            expect(main.locator(f"[data-picture='{place}'][data-host={name}]")).to_have_attribute(*REMOVED)

    hotline.get_by_role("button", name="I saw that it is there").click()
    phone.reads(case, "[data-address][data-state=reappeared]")
    hosts["Pixelpost"].finds(reviewers["Pixelpost"], hosts["Pixelpost"].entry(looks[0]), "removed")
    phone.reads(case, "[data-picture='1'][data-host=Pixelpost][data-state=reappeared]")
    kept(phone, files, demo)


@pytest.mark.parametrize("name", ["photo.heic", "dark.png", "note.txt"])
def test_what_no_browser_shows_or_nobody_sees_is_sent_by_its_digests(
    demo: Demo, chromium: Browser, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    if name.endswith(".txt"):
        file.write_text("No picture.")
    elif name.endswith(".heic"):
        Image.fromarray(texture(7, 128, 128)).save(file, "HEIF")
    else:
        Image.new("RGB", (300, 200), (9, 9, 9)).save(file)
    phone = telephone(chromium, demo)
    phone.open("removal/pictures/")
    if name.endswith(".txt"):
        phone.choose(file, "none")
        return
    phone.choose(file, "exact")
    sent = {one["type"]: one["hash"] for one in phone.send()["fingerprints"]}
    assert sent == {kind: hashlib.new(kind, file.read_bytes()).hexdigest() for kind in ("md5", "sha256")}
    heading = phone.page.locator("#case h2")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.page.locator("#copy").click()
    expect(phone.page.locator("#copy")).to_have_text("Copied")
    case = phone.access()
    assert phone.page.evaluate("navigator.clipboard.readText()") == f"{case.number}\n{case.passphrase}"
    phone.reads(case, "[data-pictures='1']")


def test_a_picture_is_added_to_a_case_on_another_day(demo: Demo, chromium: Browser, tmp_path: Path) -> None:
    files = [tmp_path / "first.png", tmp_path / "later.png"]
    for number, file in enumerate(files):
        Image.fromarray(texture(20 + number, 128, 128)).save(file)
    phone = telephone(chromium, demo)
    phone.open("removal/pictures/")
    phone.choose(files[0])
    phone.send()
    case = phone.access()
    again = telephone(chromium, demo)
    again.reads(case, "[data-pictures='1']").locator("a[href$='#own-case']").click()
    again.page.locator("#own-number").fill(case.number.lower())
    again.page.locator("#own-passphrase").fill("acorn " * 9)
    again.choose(files[1])
    again.page.locator("[data-fingerprints] button").click()
    expect(again.page.locator("#state")).to_contain_text("do not belong to an open case", timeout=PATIENCE)
    again.page.locator("#own-passphrase").fill(case.passphrase.upper())
    again.send()
    expect(again.page.locator("#case")).to_be_hidden()
    again.reads(case, "[data-pictures='2']")


def test_without_a_script_no_form_is_shown_that_cannot_be_sent(demo: Demo, chromium: Browser) -> None:
    page = chromium.new_context(base_url=demo.address, java_script_enabled=False).new_page()
    page.goto("/en/removal/pictures/")
    expect(page.locator("[data-fingerprints]")).to_be_hidden()
    expect(page.locator("main .note")).to_contain_text("write to us")
    page.get_by_role("link", name="I have no picture, or I want to write where it is").click()
    expect(page.locator("textarea")).to_be_visible()


def test_a_long_video_is_sent_in_parts(demo: Demo, chromium: Browser, tmp_path: Path) -> None:
    """MD5 and SHA-256 of the file, PDQ of a frame a second, and no message of 16 kB."""
    file = tmp_path / "seconds.webm"
    file.write_bytes(videos.encode(tuple(texture(seed, 128, 128) for seed in range(104)), videos.KINDS["vp8-webm"], 1))
    phone = telephone(chromium, demo)
    phone.open("removal/pictures/")
    phone.choose(file)
    phone.send()
    posted = [json.loads(one.post_data or "") for one in phone.traffic if one.url.endswith("/removal/fingerprints/")]
    made = [one for body in posted for one in body["fingerprints"]]
    assert len(posted) > 1
    assert {body["file"] for body in posted} == {posted[0]["file"]}
    assert all(body["video"] for body in posted)
    assert [one["hash"] for one in made if one["type"] == "md5"] == [hashlib.md5(file.read_bytes()).hexdigest()]
    assert len([one for one in made if one["type"] == "pdq"]) >= 100
    phone.reads(phone.access(), "[data-pictures='1']")
    kept(phone, [file], demo)


def test_a_mother_acts_for_a_child_and_the_child_withdraws(
    demo: Demo, chromium: Browser, desk: Desks, tmp_path: Path
) -> None:
    """The mother reads Arabic, and the child English."""
    mother, child = telephone(chromium, demo, "ar"), telephone(chromium, demo, "en")
    mother.open("removal/")
    mother.page.locator('main a[href$="/removal/for-somebody/"]').click()
    mother.page.locator('main a[href$="?for=trusted_adult"]').click()
    file = picture(tmp_path)
    mother.choose(file)
    body = mother.send()
    look = next(one["hash"] for one in body["fingerprints"] if one["type"] == "pdq")
    case = mother.access("remove-for-another")
    mother.reads(case, 'form[action$="/own-access/"]')
    mother.submit("own-access")
    expect(mother.page.locator("#passphrase")).to_be_visible(timeout=PATIENCE)
    own = mother.access()
    send_to_hosts(desk("ines@support.example"), case)
    host = pixelpost(demo)
    assert host.entry(look)

    child.reads(own, "[data-host=Pixelpost][data-state=received]")
    child.submit("withdraw")
    until("the host deletes the hash", lambda: not host.has(look) or None, SECONDS)
    mother.reads(case, "[data-no-progress]")
    assert look not in mother.page.content()
    kept(mother, [file], demo)
    kept(child, [file], demo)


def test_a_strangers_false_request_goes_nowhere(demo: Demo, chromium: Browser, desk: Desks, tmp_path: Path) -> None:
    """A picture of the news is asked for by somebody who is not in it: the reviewer leaves it where it is.

    Another language does not help, neither for the progress nor for a second request.
    """
    phone, other = telephone(chromium, demo), telephone(chromium, demo, "ar")
    phone.open("removal/pictures/")
    file = picture(tmp_path)
    phone.choose(file)
    look = next(one["hash"] for one in phone.send()["fingerprints"] if one["type"] == "pdq")
    case = phone.access()
    send_to_hosts(desk("ines@support.example"), case)
    host = pixelpost(demo)
    entry = host.entry(look)
    host.finds(desk("tom@pixelpost.example"), entry, "kept", "lawful")
    for one in (phone, other):
        one.reads(case, "[data-picture='1'][data-host=Pixelpost][data-state=kept]")
    assert host.report(entry).json()["id"] is None, "it is not looked for any more"
    other.open("removal/pictures/")
    other.choose(file)
    other.send()
    support = desk("ines@support.example")
    opened(support, f"{REQUESTS}?view=all&text={other.access().number}", "held by a rule")


def test_the_commands_of_the_guide_make_a_list_for_an_edge(demo: Demo, tmp_path: Path) -> None:
    (commands,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/howto/removal.md").read_text(), re.DOTALL)
    host = pixelpost(demo)
    env = {"PATH": os.environ["PATH"], "TUTELA_EDGE_DESK_URL": host.address, "TUTELA_EDGE_DESK_KEY": host.key}
    subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=tmp_path, env=env, check=True)
    source = ProviderSource(tmp_path / "requested-removal.jsonl", tmp_path / "own", bytes(32), 30, Subject.CSA)
    assert source.list_id == LIST_ID
    assert source.load().manifest.entries > 0
