"""Signs that a file is an encrypted container, whose contents no triage can examine.

Formats with a header are certain. A file without any known header is only suspected: its length is a multiple of 512
bytes, it has at least 256 KiB, and the bytes of its start are spread as evenly as chance spreads them.
"""

from __future__ import annotations

import numpy as np

_MAGICS = (
    b"LUKS\xba\xbe",
    b"age-encryption.org/v1",
    b"-----BEGIN AGE ENCRYPTED FILE-----",
    b"-----BEGIN PGP MESSAGE-----",
    b"\x03\xd9\xa2\x9a",
    b"encrcdsa",
)
_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_LEAST, _SECTOR, _SAMPLE = 256 << 10, 512, 64 << 10
# Chi-square of 65,536 bytes over 256 values: 255 is expected, its deviation is 22.6. Compressed data lies far above.
_MOST_UNEVEN = 255 + 4 * 22.6


def encryption_sign(data: bytes) -> str:
    """Return `encrypted`, `perhaps_encrypted`, or an empty text."""
    if data.startswith(_MAGICS) or data[3:11] == b"-FVE-FS-":
        return "encrypted"
    if data.startswith(b"\xd0\xcf\x11\xe0") and _PACKAGE in data[: 1 << 16]:
        return "encrypted"
    if data.startswith(b"%PDF-") and (b"/Encrypt" in data[-4096:] or b"/Encrypt" in data[:4096]):
        return "encrypted"
    if len(data) < _LEAST or len(data) % _SECTOR:
        return ""
    counts = np.bincount(np.frombuffer(data[:_SAMPLE], np.uint8), minlength=256)
    expected = _SAMPLE / 256
    return "perhaps_encrypted" if ((counts - expected) ** 2).sum() / expected < _MOST_UNEVEN else ""
