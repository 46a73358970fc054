"""Signing keys in a PKCS#11 token: created there, used there, never exported.

A token is a hardware module, a cloud's key service with a PKCS#11 library, or SoftHSM. Settings name the library, the
token's label and its PIN. The key pair is Ed25519, not extractable and marked sensitive. The database stores its name
in the token in place of the private half.

A process opens one session, in which one thread signs at a time. A session that fails is reopened once.

A refused PIN is never sent a second time, by any process, because tokens lock themselves after a few wrong PINs. The
file `token-pin-refused` in the data folder records the refusal until somebody deletes the file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, TextIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from tutela import clock
from tutela.organisations.errors import NoToken

# What stands in the database in place of a private key: this, and the key's name in the token.
MARK = b"pkcs11:"
# Ed25519 as a named curve (RFC 8410); some libraries know it by its printed name alone.
_CURVES = (b"\x06\x03\x2b\x65\x70", b"\x13\x0cedwards25519")
_lock = threading.RLock()
_open: tuple[int, Any] | None = None


def configured() -> bool:
    """Whether this node has a token."""
    return bool(settings.PKCS11_MODULE)


def trouble() -> str:
    """The reason why the token cannot be used; empty if it can."""
    try:
        _with(lambda session: None)
    except NoToken as error:
        return str(error)
    return ""


def create(use: str) -> tuple[bytes, bytes]:
    """Make a key pair in the token; what is kept of it, and the public key. Raises `NoToken`."""
    import pkcs11
    from pkcs11 import Attribute, KeyType, Mechanism

    name = f"tutela-{use}-{secrets.token_hex(8)}"
    wanted = {Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True, Attribute.PRIVATE: True}

    def make(session: Any) -> bytes:
        for curve in _CURVES:
            try:
                place = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: curve}, local=True)
                public, _private = place.generate_keypair(
                    mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                    store=True,
                    label=name,
                    id=name.encode(),
                    private_template=wanted,
                )
                # An octet string of 32 bytes, or those alone.
                return bytes(public[Attribute.EC_POINT])[-32:]
            except (pkcs11.AttributeValueInvalid, pkcs11.DomainParamsInvalid):
                continue
        raise NoToken("The token cannot create Ed25519 keys.")

    public = _with(make)
    Ed25519PublicKey.from_public_bytes(public).verify(_sign(name, b"tutela"), b"tutela")
    return MARK + name.encode(), public


def destroy(kept: bytes) -> None:
    """Do away with a key pair. Raises `NoToken`."""
    from pkcs11 import Attribute

    def drop(session: Any) -> None:
        for one in list(session.get_objects({Attribute.LABEL: _name(kept)})):
            one.destroy()

    _with(drop)


def key(kept: bytes, public: bytes) -> Ed25519PrivateKey:
    """Return the token's key for a stored key name, for signing."""
    return TokenKey(_name(kept), public)


class TokenKey(Ed25519PrivateKey):
    """Signs in the token; cannot be taken out of it."""

    def __init__(self, name: str, public: bytes) -> None:
        self._named, self._public = name, public

    def sign(self, data: Any) -> bytes:
        """Raises `NoToken` where the token cannot be asked or has lost the key."""
        return _sign(self._named, bytes(data))

    def public_key(self) -> Ed25519PublicKey:
        """The public key, as the token returned it when the key was made."""
        return Ed25519PublicKey.from_public_bytes(self._public)

    def private_bytes(self, *_: Any, **__: Any) -> NoReturn:
        """Never."""
        raise NoToken("A key cannot be exported from a token.")

    def private_bytes_raw(self) -> NoReturn:
        """Never."""
        raise NoToken("A key cannot be exported from a token.")

    def __copy__(self) -> TokenKey:
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> TokenKey:
        return self


def _sign(name: str, data: bytes) -> bytes:
    from pkcs11 import Mechanism, ObjectClass

    def act(session: Any) -> bytes:
        private = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=name)
        return bytes(private.sign(data, mechanism=Mechanism.EDDSA))

    return _with(act)


def _with[T](act: Callable[[Any], T]) -> T:
    """Return the result of `act` on the session, or on a new session if the first fails. Raises `NoToken`."""
    global _open
    try:
        import pkcs11
    except ImportError:
        raise NoToken("Install tutela[pkcs11]: the token library is missing.") from None
    if not configured():
        raise NoToken("Set TUTELA_PKCS11_MODULE, _TOKEN and _PIN.")
    with _lock:
        for fresh in (False, True):
            try:
                if fresh or _open is None or _open[0] != os.getpid():
                    # What a parent process opened is the parent's.
                    _open = (os.getpid(), _session(pkcs11, reinitialise=fresh or _open is not None))
                return act(_open[1])
            except pkcs11.NoSuchKey:
                raise NoToken("The token no longer has this key.") from None
            except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
                forget()
                if fresh:
                    raise NoToken("The token does not answer: {error}.", error=type(error).__name__) from None
    raise AssertionError


def forget() -> None:
    """Close the session; the next act opens another."""
    global _open
    with _lock:
        held, _open = _open, None
        if held is not None and held[0] == os.getpid():
            with contextlib.suppress(Exception):  # of a session that is gone nothing is to be closed
                held[1].close()


def _session(pkcs11: Any, *, reinitialise: bool) -> Any:
    """`reinitialise`: reinitialise the library, so that a removed and reinserted token is found."""
    library = pkcs11.lib(settings.PKCS11_MODULE)
    if reinitialise:
        library.reinitialize()
    token = library.get_token(token_label=settings.PKCS11_TOKEN)
    refusals = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinExpired, pkcs11.PinLocked)
    with _pin_not_refused() as file:
        try:
            return token.open(rw=True, user_pin=settings.PKCS11_PIN)
        except pkcs11.UserAlreadyLoggedIn:
            return token.open(rw=True)
        except refusals:
            file.write(f"{clock.now().isoformat()} the token {settings.PKCS11_TOKEN} refused its PIN\n")
            raise NoToken(
                "The token refused its PIN. Correct TUTELA_PKCS11_PIN, then delete {file}.", file=refused_pin()
            ) from None


@contextlib.contextmanager
def _pin_not_refused() -> Iterator[TextIO]:
    """Lock the PIN: one process at a time sends it, and none after a refusal.

    Text in the yielded file marks the PIN as refused.
    """
    path = refused_pin()
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o660)
    with open(number, "a+") as file:
        with contextlib.suppress(PermissionError):
            # Root's commands and the service's user meet here: the folder's group is the service's.
            os.fchown(number, -1, path.parent.stat().st_gid)
            os.fchmod(number, 0o660)
        fcntl.flock(number, fcntl.LOCK_EX)
        if os.fstat(number).st_size:
            raise NoToken(
                "The token refused its PIN before. The PIN is not tried again, because the token "
                "would lock itself. Correct TUTELA_PKCS11_PIN, then delete {file}.",
                file=path,
            )
        yield file


def refused_pin() -> Path:
    """The file that records when the token refused its PIN; empty while it has not."""
    return Path(settings.DATA_DIR) / "token-pin-refused"


def _name(kept: bytes) -> str:
    return kept.removeprefix(MARK).decode()
