"""A running demonstration and real Chromium in front of it: for journeys, accessibility and pictures."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, StorageState, expect, sync_playwright

from tests.support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=5_000 * PATIENCE)
# Of the eight minutes from a bare clone it takes two by itself; here it starts beside all other tests. The walk: five.
START_SECONDS, WALK_SECONDS = 700 * PATIENCE, 400
# A week has a case of every kind, and is made in half the time of the month that `make demo` shows.
DEMONSTRATION = ("-m", "tutela.app.cli", "demo", "run", "--days", "7")


@dataclass
class Demo:
    """A demonstration: where it is and its environment, in which commands beside it run."""

    address: str
    env: dict[str, str]
    folder: Path
    script: Sequence[str] = DEMONSTRATION
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in the foreground of a process of its own, and wait until it has said where it is."""
        log = self.folder / "log"
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, *self.script],
                env=self.env,
                stdout=out,
                stderr=out,
                cwd=self.folder,
            )
        _wait_until_announced(self.process, log)

    def stop(self) -> int:
        """Ctrl-C; returns how it ended."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tutela.app.cli", *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=WALK_SECONDS,
        )


@contextmanager
def demonstration(script: Sequence[str] = DEMONSTRATION) -> Iterator[Demo]:
    """Start a demonstration of its own on free ports, by Python with these arguments."""
    folder = Path(tempfile.mkdtemp(prefix="tutela-journeys-"))
    folder.chmod(0o711)
    port = _free_port()
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("TUTELA_", "DATABASE_URL", "DJANGO_"))},
        "TUTELA_DATA": str(folder / "data"),
        "TUTELA_LISTEN": f"127.0.0.1:{port}",
        "TUTELA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TUTELA_DEMO": "1",
        "TUTELA_UNDO_SECONDS": "0",
        "COLUMNS": "200",
    }
    demo = Demo(env["TUTELA_PUBLIC_URL"], env, folder, script)
    try:
        demo.start()
        yield demo
    finally:
        demo.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, timeout=30_000 * PATIENCE)
        try:
            yield browser
        finally:
            browser.close()


# The last code of each person of the cast.
_used: dict[str, str] = {}
# Cookies of each person's session at each demonstration: a second sign-in waits until the next code is valid.
_sessions: dict[tuple[str, str], StorageState] = {}


def signed_in(browser: Browser, demo: Demo, email: str, width: int = 1440) -> BrowserContext:
    """A window of its own in which somebody of the cast is signed in; the person's session is the same in each."""
    known = _sessions.get((demo.address, email))
    context = browser.new_context(base_url=demo.address, viewport={"width": width, "height": 900}, storage_state=known)
    context.set_default_timeout(20_000 * PATIENCE)
    if known is None:
        _sign_in(context, email)
        _sessions[demo.address, email] = context.storage_state()
    return context


def _sign_in(context: BrowserContext, email: str) -> None:
    """With password and second factor, and for the usual purpose."""
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("#id_login", email)
    page.fill("#id_password", _cast().PASSWORD)
    page.click("main button")
    for _ in range(3):  # the code may turn over while it is typed
        page.fill("[name=code]", _fresh_code(page, email))
        with page.expect_navigation():
            page.click("main form button[type=submit] >> nth=0")
        if "/2fa/" not in page.url:
            break
    assert page.url.endswith("/desk/purpose/?next=%2Fdesk%2F"), page.url
    page.click("main button")  # the usual one
    page.wait_for_url("**/desk/")
    page.close()


def submit(button: Locator) -> None:
    """Click, and wait for the page that answers: a `goto` right after a click may cancel what the form sends."""
    with button.page.expect_navigation():
        button.click()


def confirm(page: Page) -> None:
    """Confirm what an act would change, on the page that previews it."""
    expect(page.locator("h1")).to_have_text("Check what will change")
    submit(page.get_by_role("button", name="Confirm changes"))


def quiet(page: Page, own: str = "http://127.0.0.1") -> list[str]:
    """Collects what the browser complains about: refused by policy, failed requests, script errors."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on(
        "request",
        lambda r: said.append(f"third party: {r.url}") if not r.url.startswith((own, "data:", f"blob:{own}")) else None,
    )
    return said


def everybody() -> list[str]:
    """The addresses of all people of the cast."""
    return [one.email for one in _cast().PEOPLE]


@cache
def _cast() -> object:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.app.settings")
    if "TUTELA_DATA" not in os.environ:
        os.environ["TUTELA_DATA"] = folder = tempfile.mkdtemp(prefix="tutela-browser-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    import django

    django.setup()
    from tutela.app.demo import cast

    return cast


def _fresh_code(page: Page, email: str) -> str:
    """A code works once, and a used one counts as a failed attempt: wait for the next, within half a minute."""
    while (code := _cast().code_of(email)) == _used.get(email):
        page.wait_for_timeout(250)
    _used[email] = code
    return str(code)


def _free_port() -> int:
    """A port whose neighbours for Edge, storage and witnesses are free too."""
    # A demonstration listens minutes after its port was chosen: another run must not choose the same one meanwhile.
    first = os.getpid() % 250
    for number in range(250):
        port = 18000 + (first + number) % 250 * 37
        try:
            for offset in (0, 620, 630, 640, 641):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        return port
    raise RuntimeError("no free ports")


def _wait_until_announced(process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 2):
        if process.poll() is not None or "make walk" in log.read_text(errors="replace"):
            break
        try:
            process.wait(0.5)
        except subprocess.TimeoutExpired:
            continue
    said = log.read_text(errors="replace")
    assert process.poll() is None, said[-3000:]
    assert "make walk" in said, said[-3000:]
