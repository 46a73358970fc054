"""Signing keys that live in a PKCS#11 token: made there, used there, never seen outside.

A token is a hardware module, a cloud's key service with a PKCS#11 library, or SoftHSM. Settings name the library, the
token's label and its PIN. The key pair is Ed25519, made not extractable and marked sensitive; its name in the token is
what the database keeps in place of the private half. A process opens one session, in which one thread signs at a time;
a session that fails is opened anew, once.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

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
    """Why the token cannot be used; nothing where it can."""
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
                    mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN, store=True, label=name, id=name.encode(),
                    private_template=wanted,
                )  # fmt: skip
                # An octet string of 32 bytes, or those alone.
                return bytes(public[Attribute.EC_POINT])[-32:]
            except (pkcs11.AttributeValueInvalid, pkcs11.DomainParamsInvalid):
                continue
        raise NoToken("The token makes no Ed25519 keys.")

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
    """The key that stands behind what is kept, to sign with."""
    return TokenKey(_name(kept), public)


class TokenKey(Ed25519PrivateKey):
    """Signs in the token; cannot be taken out of it."""

    def __init__(self, name: str, public: bytes) -> None:
        self._named, self._public = name, public

    def sign(self, data: Any) -> bytes:
        """Raises `NoToken` where the token cannot be asked or has lost the key."""
        return _sign(self._named, bytes(data))

    def public_key(self) -> Ed25519PublicKey:
        """As the token gave it out when the key was made."""
        return Ed25519PublicKey.from_public_bytes(self._public)

    def private_bytes(self, *_: Any, **__: Any) -> NoReturn:
        """Never."""
        raise NoToken("A key in a token is not taken out of it.")

    def private_bytes_raw(self) -> NoReturn:
        """Never."""
        raise NoToken("A key in a token is not taken out of it.")

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
    """What an act makes of the session; of a new one where the first has failed. Raises `NoToken`."""
    global _open
    try:
        import pkcs11
    except ImportError:
        raise NoToken("Install tutela[pkcs11]: the library that speaks to tokens is missing.") from None
    if not configured():
        raise NoToken("Set TUTELA_PKCS11_MODULE, _TOKEN and _PIN.")
    with _lock:
        for fresh in (False, True):
            try:
                if fresh or _open is None or _open[0] != os.getpid():
                    _open = (os.getpid(), _session(pkcs11))
                return act(_open[1])
            except pkcs11.NoSuchKey:
                raise NoToken("The token has no such key any more.") from None
            except (pkcs11.PKCS11Error, RuntimeError) as error:
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


def _session(pkcs11: Any) -> Any:
    library = pkcs11.lib(settings.PKCS11_MODULE)
    if _open is not None:
        # A child process: what its parent opened is the parent's.
        library.reinitialize()
    token = library.get_token(token_label=settings.PKCS11_TOKEN)
    try:
        return token.open(rw=True, user_pin=settings.PKCS11_PIN)
    except pkcs11.UserAlreadyLoggedIn:
        return token.open(rw=True)


def _name(kept: bytes) -> str:
    return kept.removeprefix(MARK).decode()
