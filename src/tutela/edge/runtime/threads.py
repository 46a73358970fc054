"""Threads for work that must not block the event loop.

Scans wait for decoders and look-ups only compute. Each has separate threads, so that no look-up waits for uploads. The
threads end with the process (those of anyio would keep a granian worker from ending).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache

# As many scans may wait in one process; more are refused before (`limits`).
_SCANS = 128
# A search lets the interpreter go; more of them than cores only wait for each other.
_QUESTIONS = 4


async def scanning[**P, T](work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The work's answer; it may wait for a decoder, a disk or a network."""
    return await _run(_pool("scan", _SCANS), work, *args, **kwargs)


async def asking[**P, T](work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The work's answer; it computes and waits for nothing."""
    return await _run(_pool("ask", _QUESTIONS), work, *args, **kwargs)


async def _run[**P, T](pool: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    context = copy_context()
    return await asyncio.get_running_loop().run_in_executor(pool, lambda: context.run(work, *args, **kwargs))


@cache
def _pool(name: str, threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix=f"tutela-{name}")
