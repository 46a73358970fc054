"""Command `tutela hash`: digests and perceptual hashes, without a look-up."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from tutela.app.cli.exit_codes import Exit, explained
from tutela.app.cli.offline.scan import Frames, Interval, Jobs, Seconds
from tutela.app.cli.output import echo
from tutela.media import Hashed, HasherPool, Limits, Sampling
from tutela.media.video.vpdq import features, write_lines
from tutela.scan.output_formats import as_record, shown
from tutela.scan.scan import Scan, ScanResult

Paths = Annotated[list[str], typer.Argument(help='Files, folders, archives; "-" is stdin.')]


def hash_(
    paths: Paths,
    jobs: Jobs = 0,
    sampling: Frames = Sampling.RATE,
    interval: Interval = 1.0,
    video_seconds: Seconds = 120.0,
    vpdq: Annotated[
        bool, typer.Option("--vpdq", help="Only for videos: one line per frame: frame,quality,hash,seconds.")
    ] = False,
) -> None:
    """Print digests and perceptual hashes as JSON Lines, without a look-up.

    The line of a picture contains all that a list entry needs, with the second hash and windows of at least 64 %. The
    line of a video contains its frames. --vpdq prints the frames of one video like the reference vpdq.

    Exit codes: 0 all files were hashed, 3 something could not be read or hashed. A picture or video in an unsupported
    format (JPEG 2000, JPEG XL, DDS, PDF) counts as not hashed. A file that is neither picture nor video does not.
    """
    jobs = jobs or os.cpu_count() or 2
    limits = Limits(sampling=sampling, interval=interval, video_seconds=video_seconds)
    with explained(), HasherPool(workers=jobs, limits=limits) as pool:
        unread, count = False, 0
        work = Scan(pool, lambda _: (), jobs, listed=True)
        for count, one in enumerate(work.run(paths), 1):  # noqa: B007 - counted for the last line
            echo(_as_vpdq(one) if vpdq else _as_line(one), nl=not vpdq)
            unread = unread or one.unhashed
    if not count:
        echo("no file to hash", err=True)
    raise typer.Exit(Exit.UNREAD if unread else Exit.NOTHING)


def _as_line(one: ScanResult) -> str:
    record = as_record(one, listed=True)
    del record["matches"]
    return json.dumps(record, ensure_ascii=False)


def _as_vpdq(one: ScanResult) -> str:
    if isinstance(one.result, Hashed) and one.result.video:
        return write_lines(features(one.result.frames))
    code, reason = one.refusal or ("no_video", "the file is a picture")
    echo(f"{shown(one.name)}: {code}, {reason}", err=True)
    return ""
