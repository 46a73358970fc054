"""Upload on its way into a cage: its bytes or its descriptor, its digests, its time and cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from tutela.media.digests import CHUNK_BYTES, Digester, Digests, digest_bytes, digest_stream
from tutela.media.limits import Limits
from tutela.media.sandbox import wire
from tutela.media.sandbox.shared_memory import handed

# From here on, sealed memory costs less than sending.
HANDED_BYTES = 32 << 10


@dataclass(frozen=True, slots=True)
class Upload:
    """Input to hash: bytes, or a readable descriptor; `digested` is the same file for digests."""

    data: bytes
    operation: int
    descriptor: int | None = None
    digested: BinaryIO | None = None

    @contextmanager
    def handed(self) -> Iterator[int | None]:
        """A descriptor for the worker; None where the bytes are sent, being few or there being no sealed memory."""
        if self.descriptor is not None or len(self.data) < HANDED_BYTES:
            yield self.descriptor
            return
        with handed(self.data) as descriptor:
            yield descriptor

    def digests(self) -> Digests:
        return digest_bytes(self.data) if self.digested is None else digest_stream(self.digested)

    def seconds(self, limits: Limits) -> float:
        return limits.video_seconds if self.operation == wire.HASH_VIDEO else limits.seconds

    def cost(self, limits: Limits) -> int:
        return limits.pictures_per_video if self.operation == wire.HASH_VIDEO else 1


def read_upload(stream: BinaryIO, most: int) -> tuple[bytes | None, Digests]:
    """Return all bytes and their digests; None instead of the bytes if there are more than `most`."""
    digester, held, too_large = Digester(), bytearray(), False
    while piece := stream.read(CHUNK_BYTES):
        digester.update(piece)
        too_large = too_large or len(held) + len(piece) > most
        if too_large:
            held.clear()
        else:
            held += piece
    return None if too_large else bytes(held), digester.digests()
