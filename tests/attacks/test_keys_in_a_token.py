"""A token whose PIN our retries would use up, that is pulled out while it signs, or whose PIN leaks; SoftHSM."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings

from tests.integration.organisations.keys.test_pkcs11 import MODULE, owner, pytestmark, token
from tests.support.drills import ROOT
from tutela.app.config import Config
from tutela.events.actor import Actor
from tutela.organisations.errors import NoToken
from tutela.organisations.keys import pkcs11 as keys_pkcs11
from tutela.organisations.keys import signing
from tutela.organisations.models import SigningKey

__all__ = ["owner", "pytestmark", "token"]

WRONG = "8362519047"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every PIN that the token is given."""
    import pkcs11

    counted, before = list[str](), keys_pkcs11._session

    class Counting:
        def __init__(self, of: Any) -> None:
            self._of = of

        def open(self, **options: Any) -> Any:
            counted.append(options.get("user_pin", ""))
            return self._of.open(**options)

    class Library:
        def __init__(self, of: Any) -> None:
            self._of = of

        def reinitialize(self) -> None:
            self._of.reinitialize()

        def get_token(self, **options: Any) -> Counting:
            return Counting(self._of.get_token(**options))

    class Module:
        lib = staticmethod(lambda so: Library(pkcs11.lib(so)))

        def __getattr__(self, name: str) -> Any:
            return getattr(pkcs11, name)

    monkeypatch.setattr(keys_pkcs11, "_session", lambda _module, **options: before(Module(), **options))
    return counted


def test_a_wrong_pin_is_given_once_however_often_and_by_how_many_it_is_tried(owner: Actor, given: list[str]) -> None:
    signing.create_key(owner, "receipt", in_token=True)
    private = signing.current_private(owner.organisation_id, "receipt")
    keys_pkcs11.forget()
    given.clear()

    def attempt(_number: int) -> str:
        try:
            private.sign(b"x")
        except NoToken as error:
            return str(error)
        finally:
            connections.close_all()
        return ""

    with override_settings(PKCS11_PIN=WRONG):
        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(attempt, range(12)))
        # Another process of the node, or one that was started again.
        keys_pkcs11.forget()
        assert str(keys_pkcs11.refused_pin()) in attempt(0)
    assert given == [WRONG], "a token locks itself after a few wrong ones"
    assert all("PIN" in one and str(keys_pkcs11.refused_pin()) in one for one in told)
    assert attempt(0), "not before somebody said that the PIN is right now"
    keys_pkcs11.refused_pin().unlink()
    assert attempt(0) == ""


def test_another_process_does_not_try_the_pin_again(owner: Actor, token: dict[str, str]) -> None:
    keys_pkcs11.forget()
    with override_settings(PKCS11_PIN=WRONG):
        assert keys_pkcs11.trouble()
        code = (
            "from django.conf import settings\n"
            f"settings.configure(DATA_DIR={str(keys_pkcs11.refused_pin().parent)!r}, **{token!r})\n"
            "from tutela.organisations.keys import pkcs11\nprint(pkcs11.trouble())"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
        )
    assert "not tried again" in done.stdout, "not even with the right one: nobody has said that it is"


# What the library had begun in the session that is closed under it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_token_that_is_pulled_out_stops_signatures_and_goes_on_when_it_is_back(owner: Actor, tmp_path: Path) -> None:
    made = signing.create_key(owner, "log", in_token=True)
    private = signing.current_private(owner.organisation_id, "log")
    assert private.sign(b"before")
    folder = Path(os.environ["SOFTHSM2_CONF"]).parent / "tokens"
    away = tmp_path / "pulled"
    folder.rename(away)
    assert keys_pkcs11._open is not None
    # SoftHSM answers from memory as long as a session lasts; of a token that is gone none does.
    keys_pkcs11._open[1].close()
    try:
        for _ in range(3):
            with pytest.raises(NoToken):
                private.sign(b"while it is away")
        with pytest.raises(NoToken):
            signing.create_key(owner, "log", in_token=True)
        assert keys_pkcs11.trouble()
    finally:
        away.rename(folder)
    private.public_key().verify(private.sign(b"after"), b"after")
    current = [k.key_id for k in signing.public_keys(owner.organisation_id, "log") if k.state == "current"]
    assert current == [made.key_id]
    assert not keys_pkcs11.refused_pin().read_text(), "no PIN was refused"


def test_the_pin_stands_in_no_log_error_row_or_command_line(
    owner: Actor, caplog: pytest.LogCaptureFixture, given: list[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    made = signing.create_key(owner, "receipt", in_token=True)
    keys_pkcs11.forget()
    with override_settings(PKCS11_PIN=WRONG):
        with pytest.raises(NoToken) as caught:
            signing.current_private(owner.organisation_id, "receipt").sign(b"x")
        told = f"{caught.value!r} {caught.value} {keys_pkcs11.trouble()} {keys_pkcs11.refused_pin().read_text()}"
    assert WRONG in given
    row = SigningKey.objects.get(key_id=made.key_id)
    commands = [one.read_bytes() for one in Path("/proc").glob("[0-9]*/cmdline") if one.exists()]
    everything = " ".join([told, caplog.text, str(vars(row)), *map(repr, commands)])
    assert WRONG not in everything
    assert "user-pin" not in caplog.text


def test_no_secret_is_printed_with_the_settings() -> None:
    secrets = {
        "pkcs11_pin": WRONG,
        "secret_key": "s" * 50 + WRONG,
        "key_encryption_key": "ab" * 32,
        "oidc_client_secret": WRONG,
        "email_url": f"smtp://u:{WRONG}@mail.example:25",
        "database_url": f"postgresql://u:{WRONG}@h/d",
        "owner_database_url": f"postgresql://u:{WRONG}@h/d",
    }
    printed = repr(Config(pkcs11_module=MODULE, **secrets)) + str(Config(**secrets))  # type: ignore[arg-type]
    assert WRONG not in printed
    assert "ab" * 32 not in printed
