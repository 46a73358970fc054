"""Step of the walk on an officer's own machine: sort a seized phone by the commands of `tutela triage`."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tutela.app.demo import seized_device
from tutela.app.demo.browser import must


@dataclass(frozen=True)
class DeviceSteps:
    """Step of seized media: how to tell."""

    say: Callable[[str], None]

    def sort(self) -> None:
        """An officer sorts a seized phone without a node"""
        with tempfile.TemporaryDirectory(prefix="tutela-walk-") as name:
            folder = Path(name)
            seized_device.write_seized_device(folder)
            for line in seized_device.COMMANDS[:3]:
                # A run that found known items ends with 1.
                _tutela(folder, *shlex.split(line)[1:], ends=1 if " run " in line else 0)
            figures = json.loads(_tutela(folder, "triage", "status", "case", "--json"))
            summary = (folder / "summary").with_suffix(".html").read_text("utf-8")
        classes, known, near = figures["classes"], len(seized_device.LISTED), len(seized_device.EDITED)
        must(classes["known"] == known and classes["near_known"] == near, f"the items have the classes {classes}")
        must(figures["outside"] == {"privileged": 1}, "the lawyer's letter was not left out")
        must("The examination is complete" in summary, "the summary is not complete")
        self.say(
            f"The phone has {known} exact copies and {near} edited ones of listed pictures. {classes['unknown']} others"
            " are in no list and wait for a person, in the order of their signs. A lawyer's letter was not read."
            " Katrin grades them in the viewer of her own machine: tutela demo device"
        )


def _tutela(folder: Path, *arguments: str, ends: int = 0) -> str:
    command = [sys.executable, "-m", "tutela.app.cli", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - own commands
    must(done.returncode == ends, f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    return done.stdout
