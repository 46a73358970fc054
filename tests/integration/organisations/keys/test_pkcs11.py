"""Signing keys in a PKCS#11 token: made there, used there, destroyed there; the real SoftHSM."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.support.cast import Cast
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.message.signed_envelope import sign, trusted_keys, verify
from tutela.organisations.errors import NoToken
from tutela.organisations.keys import pkcs11 as keys_pkcs11
from tutela.organisations.keys import signing
from tutela.organisations.keys.envelope_encryption import unwrap
from tutela.organisations.models import SigningKey
from tutela.tlog.signing import Signer
from tutela.tlog.signing import sign as sign_note
from tutela.tlog.verify import ED25519, open_note

MODULE = next(
    (
        one
        for one in (
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        )
        if Path(one).exists()
    ),
    "",
)
pytestmark = pytest.mark.skipif(not (MODULE and shutil.which("softhsm2-util")), reason="no SoftHSM is installed")


@cache
def _folder() -> Path:
    """A fresh token, for all tests of a process: SoftHSM reads its configuration when the library begins."""
    folder = Path(tempfile.mkdtemp(prefix="tutela-softhsm-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    command = ["softhsm2-util", "--init-token", "--free", "--label", "tutela-test", "--so-pin", "so-pin"]
    subprocess.run([*command, "--pin", "user-pin"], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def token() -> dict[str, str]:
    _folder()
    return {"PKCS11_MODULE": MODULE, "PKCS11_TOKEN": "tutela-test", "PKCS11_PIN": "user-pin"}


@pytest.fixture
def owner(cast: Cast, token: dict[str, str]) -> Iterator[Actor]:
    keys_pkcs11.forget()
    keys_pkcs11.refused_pin().unlink(missing_ok=True)
    with override_settings(**token):
        yield cast.organisation("Keeper", "hotline", "SE")
    keys_pkcs11.forget()


@pytest.mark.parametrize("use", ["release", "log", "receipt", "checkpoint", "certification"])
def test_a_key_is_made_in_the_token_and_signs_what_others_verify(owner: Actor, use: str) -> None:
    made = signing.create_key(owner, use, in_token=True)
    private = signing.current_private(owner.organisation_id, use)
    assert private.public_key().public_bytes_raw() == made.public
    envelope = sign(b"{}", "test/1", private)
    assert verify(envelope, "test/1", trusted_keys((made.public.hex(),))) == b"{}"
    assert signing.in_token(owner.organisation_id, made.key_id)


def test_a_note_of_the_log_is_signed_in_the_token(owner: Actor) -> None:
    from tutela import clock

    signing.create_key(owner, "log", in_token=True)
    signer = Signer("log.example", ED25519, signing.current_private(owner.organisation_id, "log"))
    note = sign_note("log.example\n1\nAAAA\n", [signer], clock.now())
    assert open_note(note, [signer.key]).signers


def test_the_database_holds_a_name_and_no_key(owner: Actor) -> None:
    made = signing.create_key(owner, "release", in_token=True)
    kept = unwrap(bytes(SigningKey.objects.get(key_id=made.key_id).wrapped_private), f"signing:{made.key_id}")
    assert kept.startswith(b"pkcs11:tutela-release-")
    private = signing.current_private(owner.organisation_id, "release")
    for take in (private.private_bytes_raw, private.private_bytes):
        with pytest.raises(NoToken):
            take()  # type: ignore[call-arg]


def test_the_token_itself_gives_no_private_key_out(owner: Actor) -> None:
    import pkcs11

    made = signing.create_key(owner, "release", in_token=True)
    kept = unwrap(bytes(SigningKey.objects.get(key_id=made.key_id).wrapped_private), f"signing:{made.key_id}")

    def attempt(session: Any) -> None:
        key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=keys_pkcs11._name(kept))
        assert not key[pkcs11.Attribute.EXTRACTABLE]
        with pytest.raises(pkcs11.AttributeSensitive):
            key[pkcs11.Attribute.VALUE]

    keys_pkcs11._with(attempt)


def test_a_revoked_key_is_destroyed_and_a_retired_one_stays(owner: Actor) -> None:
    first = signing.create_key(owner, "release", in_token=True)
    old = signing.current_private(owner.organisation_id, "release")
    second = signing.create_key(owner, "release", in_token=True)
    assert old.sign(b"x")
    current = signing.current_private(owner.organisation_id, "release")
    signing.revoke_key(owner, second.key_id)
    with pytest.raises(NoToken, match="no longer has this key"):
        current.sign(b"x")
    assert {k.key_id: k.state for k in signing.public_keys(owner.organisation_id, "release")} == {
        first.key_id: "retired",
        second.key_id: "revoked",
    }


def test_a_child_process_opens_its_own_session(owner: Actor) -> None:
    signing.create_key(owner, "receipt", in_token=True)
    private = signing.current_private(owner.organisation_id, "receipt")
    assert private.sign(b"parent")
    child = os.fork()
    if child == 0:
        try:
            private.public_key().verify(private.sign(b"child"), b"child")
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert private.sign(b"parent again")


def test_scalars_stay_outside(owner: Actor) -> None:
    for use in signing.SCALARS:
        with pytest.raises(NoToken, match="can only sign"):
            signing.create_key(owner, use, in_token=True)


# What the library had begun in the session that is closed under it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_lost_session_is_opened_anew_and_threads_take_turns(owner: Actor) -> None:
    signing.create_key(owner, "receipt", in_token=True)
    private = signing.current_private(owner.organisation_id, "receipt")
    assert keys_pkcs11._open is not None
    keys_pkcs11._open[1].close()
    public, wrong = private.public_key(), list[BaseException]()

    def many() -> None:
        try:
            for number in range(20):
                data = f"{threading.get_ident()} {number}".encode()
                public.verify(private.sign(data), data)
        except BaseException as error:  # noqa: BLE001 - told by the test
            wrong.append(error)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(
    ("setting", "value"),
    [("PKCS11_PIN", "wrong"), ("PKCS11_TOKEN", "none"), ("PKCS11_MODULE", "/no/such.so"), ("PKCS11_MODULE", "")],
)
def test_a_token_that_cannot_be_used_is_an_error_that_says_so(owner: Actor, setting: str, value: str) -> None:
    made = signing.create_key(owner, "release", in_token=True)
    keys_pkcs11.forget()
    with override_settings(**{setting: value}):
        assert keys_pkcs11.trouble()
        with pytest.raises(TutelaError):
            signing.current_private(owner.organisation_id, "release").sign(b"x")
        with pytest.raises(NoToken):
            signing.create_key(owner, "release", in_token=True)
    keys_pkcs11.forget()
    keys_pkcs11.refused_pin().unlink(missing_ok=True)
    assert keys_pkcs11.trouble() == ""
    current = [k.key_id for k in signing.public_keys(owner.organisation_id, "release") if k.state == "current"]
    assert current == [made.key_id], "a key that could not be made retires none"
