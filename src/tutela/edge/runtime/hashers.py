"""Decoders of an Edge: separate ones for pictures and videos, so that no picture waits for a video.

A picture takes milliseconds and a video up to a minute. Decoders of videos are started with the first one.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from tutela.edge.runtime.settings import Sandbox
from tutela.media import Hashed, HasherPool, Limits, Refused
from tutela.media.video.formats import HEAD_BYTES, video_format_of


class Hashers:
    """Two pools, of at most `workers` each. Safe to share between threads; close it, or use it in a `with`."""

    def __init__(self, workers: int, limits: Limits, sandbox: Sandbox = Sandbox.REQUIRED) -> None:
        """Raises RuntimeError as HasherPool, and where decoders would run without the sandbox that is required."""
        self._workers, self._limits = workers, limits
        self._pictures = HasherPool(workers, limits)
        if sandbox is Sandbox.REQUIRED and self.isolation == "limits":
            self._pictures.close()
            hint = "install bubblewrap or libseccomp, or set TUTELA_EDGE_SANDBOX=limits"
            raise RuntimeError(f"Decoders would run without a sandbox, only with limits: {hint}.")
        self._videos: HasherPool | None = None
        self._starting = threading.Lock()

    @property
    def isolation(self) -> str:
        """Isolation of the decoders, as named by HasherPool."""
        return self._pictures.isolation

    def hash_bytes(self, data: bytes, *, tenant: str, listed: bool = False) -> Hashed | Refused:
        """Hash a file as HasherPool does."""
        pool = self._pictures if video_format_of(data[:HEAD_BYTES]) is None else self._of_videos()
        return pool.hash_bytes(data, tenant=tenant, listed=listed)

    def close(self) -> None:
        """End all workers."""
        self._pictures.close()
        with self._starting:
            if self._videos is not None:
                self._videos.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _of_videos(self) -> HasherPool:
        with self._starting:
            if self._videos is None:
                self._videos = HasherPool(self._workers, self._limits)
            return self._videos
