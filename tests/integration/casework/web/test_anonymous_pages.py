"""Public pages of the anonymous channel: no cookie, no trace, strict headers, small, in the language of the address."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, override_settings

from tests.support.anonymous import ADDRESS, BROWSER, Visitor, told
from tests.support.cast import Cast
from tests.support.dump import dumped
from tutela.app.website import no_trace
from tutela.casework.anonymous import conversations, kinds, reserve, ticket, work
from tutela.events.rate_limits import RateLimit

MOST_BYTES = 60_000
# Read before any test registers a kind of its own.
KINDS = tuple(kinds.registered())


@pytest.fixture(autouse=True)
def _fresh_limits(cast: Cast) -> Iterator[None]:
    assert cast.centre
    yield
    for form in ("write", "enter", "follow_up"):
        work.ADMITTED.forget(f"{kinds.NODE_MESSAGE.code}.{form}")


def pages(visitor: Visitor) -> list[object]:
    """Every public page, also after mistakes."""
    shown = [visitor.get(), visitor.get("answers/"), visitor.get("answers/add/"), visitor.get("nothing/")]
    shown += [visitor.writes("A message"), visitor.writes(""), visitor.enters("M-2222-2222-2", "acid")]
    number, words = told(visitor.writes("Another"))
    entered = visitor.enters(number, words)
    leaving = visitor.client.get("/en/leave/", **visitor.headers)
    places = ("/help/", "/help/de/teen/threat/", "/help/de/find/?country=FR", "/help/de/leave/")
    helped = [visitor.client.get(place, **visitor.headers) for place in places]
    return [*shown, *helped, entered, visitor.adds(entered, "More"), leaving, visitor.client.get("/message/")]


def test_no_page_sets_a_cookie_or_may_be_kept() -> None:
    for answer in pages(Visitor()):
        assert not answer.cookies, answer  # type: ignore[attr-defined]
        assert "Set-Cookie" not in answer.headers  # type: ignore[attr-defined]
        assert answer.headers["Cache-Control"] == "no-store"  # type: ignore[attr-defined]
        assert answer.headers["Referrer-Policy"] == "no-referrer"  # type: ignore[attr-defined]


def test_the_policy_allows_nothing_from_elsewhere() -> None:
    policy = Visitor().get().headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "connect-src 'self'" in policy, "forms are sent by a script, so that history has no page with a secret"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_forged_requests_are_refused_without_a_cookie() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/en/message/", {"text": "A message", "proof": "1"}).status_code == 422
    given = ticket.issue("message.enter")
    form = {"text": "A message", "ticket": given.text}
    assert client.post("/en/message/", form | {"proof": "1"}).status_code == 422
    assert client.get(client.post("/en/message/", form)["Location"]).status_code == 422, "and without a script"


def test_somebody_who_is_signed_in_is_nobody_here(cast: Cast) -> None:
    client = cast.client(cast.centre, "lead")
    page = client.get("/en/message/").content.decode()
    assert "Robin" not in page
    assert "Sign out" not in page
    assert client.get("/desk/").status_code == 200, "and stays signed in"


def test_a_request_tells_the_views_nothing_about_its_sender() -> None:
    seen: dict[str, object] = {}

    def view(request):  # type: ignore[no-untyped-def]
        from django.http import HttpResponse

        seen.update({name: value for name, value in request.META.items() if isinstance(value, str)})
        return HttpResponse()

    from django.test import RequestFactory

    factory = RequestFactory()
    middleware = no_trace.NoTraceMiddleware(view)
    middleware(factory.get("/en/message/", **Visitor().headers, HTTP_COOKIE="sessionid=secret"))
    assert not [value for value in seen.values() if ADDRESS in str(value) or BROWSER in str(value)]
    assert "HTTP_COOKIE" not in seen
    seen.clear()
    middleware(factory.get("/desk/", **Visitor().headers))
    assert seen["REMOTE_ADDR"] == ADDRESS, "other pages keep what their limits count"


@pytest.mark.parametrize(
    ("path", "public"),
    [
        ("/en/message/", True),
        ("/de/anything/", True),
        ("/en/leave/", True),
        ("/message/", True),
        ("/help/", True),
        ("/help/ar/find/", True),
        ("/report/", True),
        ("/report-danger/", True),
        ("/remove-pictures/", True),
        ("/complaint-bcdfghjk/", True),
        ("/reports/", False),
        ("/desk/", False),
        ("/", False),
        ("/api/v1/reports", False),
        ("/law/", False),
        ("/log/", False),
    ],
)
def test_pages_without_a_trace_are_those_with_a_language(path: str, public: bool) -> None:
    assert no_trace.leaves_no_trace(path) is public


def test_nothing_of_a_person_is_in_database_backup_or_logs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text, visitor = "A sentence that stands nowhere else", Visitor()
    with caplog.at_level(logging.DEBUG):
        form = visitor.form(visitor.get(), text=text)
        number, words = told(visitor.post("", form))
        wrong = " ".join(reversed(words.split()))
        pages(visitor)
        visitor.enters(number, wrong)
        monkeypatch.setattr(work, "ADMITTED", RateLimit("test.none", work.ADMITTED.window, 1))
        work.ADMITTED.take("message.write")
        monkeypatch.setattr(reserve, "MOST", 0)
        assert visitor.writes(text).status_code == 429
    plain, *files = dumped(tmp_path / "backup.age")
    assert number.encode() in plain, "the dump has this conversation"
    console = capfd.readouterr()
    logs = f"{caplog.text}{console.out}{console.err}".encode()
    traces = [ADDRESS, BROWSER, "203.0.113.0", text, words, wrong, words.replace(" ", "-"), form["ticket"]]
    traces += [ticket.read(form["ticket"], "message.write").nonce, "trace.example"]
    for place in (plain, logs, *files):
        for trace in traces:
            assert trace.encode() not in place
            assert trace.encode().hex().encode() not in place
    for page in (b"/message/", b"/help/"):
        assert page not in logs, "not even when somebody was there"


def test_an_answer_of_the_server_that_is_a_fault_is_still_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(conversations, "open_conversation", fail)
    visitor = Visitor()
    assert visitor.writes("A message").status_code == 500
    assert "broken" in caplog.text
    assert ADDRESS not in caplog.text


def test_a_page_with_all_that_it_loads_is_small() -> None:
    page = Visitor().get().content
    loaded = re.findall(rb'(?:src|href)="/static/([^"]+)"', page)
    assert len(loaded) == 3
    files = [Path(str(finders.find(name.decode()))).read_bytes() for name in loaded]
    assert len(page) + sum(map(len, files)) <= MOST_BYTES
    assert b"//" not in re.sub(rb"http://127\.0\.0\.1:8000", b"", page), "no other site"


def test_leaving_makes_the_browser_forget_and_shows_a_neutral_page() -> None:
    with override_settings(EXIT_URL="https://weather.example/"):
        answer = Visitor().client.get("/en/leave/")
    assert answer.status_code == 302
    assert answer["Location"] == "https://weather.example/"
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert b'href="/en/leave/"' in Visitor().get().content, "a plain link without a script"


def test_the_language_is_in_the_address_alone() -> None:
    english, german = Visitor(), Visitor(language="de")
    page = english.get().content.decode()
    assert '<html lang="en" dir="ltr">' in page, "the header asked for German"
    assert 'hreflang="de" href="http://127.0.0.1:8000/de/message/"' in page
    assert 'hreflang="x-default" href="http://127.0.0.1:8000/message/"' in page
    assert 'href="/de/message/"' in page
    shown = german.get()
    assert '<html lang="de" dir="ltr">' in shown.content.decode()
    assert shown["Content-Language"] == "de"
    assert Visitor(language="xx").get().status_code == 404
    redirected = Client().get("/message/", headers={"accept-language": "de"})
    assert redirected["Location"] == "/de/message/"


@pytest.mark.parametrize(
    ("code", "direction", "send"), [("de", "ltr", "Nachricht senden"), ("ar", "rtl", "أرسل الرسالة")]
)
def test_a_page_is_in_the_language_of_its_address(code: str, direction: str, send: str) -> None:
    theirs, english = (Visitor(language=one).get().content.decode() for one in (code, "en"))
    assert send in theirs
    assert "Send message" not in theirs
    assert "Send message" in english
    visitor = Visitor(language=code)
    number, words = told(visitor.writes("text"))
    shown = visitor.enters(number, words).content.decode()
    assert f'<html lang="{code}" dir="{direction}">' in shown, "and so is the next page"


def test_a_text_is_shown_as_text() -> None:
    visitor = Visitor()
    number, words = told(visitor.writes("<script src=/x.js></script>{{ settings }}"))
    page = visitor.enters(number, words).content.decode()
    assert "&lt;script src=/x.js&gt;" in page
    assert "{{ settings }}" in page


def test_a_reader_who_was_away_for_long_enters_again_and_keeps_the_text() -> None:
    visitor = Visitor()
    number, words = told(visitor.writes("A message"))
    form = visitor.form(visitor.enters(number, words), text="Written for three hours")
    form["reader"] = "forged"
    page = visitor.post("answers/add/", form)
    assert page.status_code == 422
    assert 'value="Written for three hours"' in page.content.decode()
    again = visitor.post("answers/", visitor.form(page, number=number, passphrase=words))
    assert "Written for three hours</textarea>" in again.content.decode()


def test_another_desk_of_the_node_has_no_public_page() -> None:
    command = (
        "import django; django.setup()\n"
        "from django.test import Client; from django.urls import reverse\n"
        "print(Client().get('/en/message/').status_code)"
    )
    env = {**os.environ, "TUTELA_DESKS": "provider,centre", "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        [str(Path(os.sys.executable)), "-c", command],  # type: ignore[attr-defined]
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "404", done.stderr[-500:]


def test_the_address_of_every_kind_of_conversation_leaves_no_trace() -> None:
    assert kinds.NODE_MESSAGE in KINDS
    for kind in KINDS:
        assert no_trace.leaves_no_trace(f"/{kind.code}/"), kind.code
        assert no_trace.leaves_no_trace(f"/de/{kind.code}/"), kind.code
