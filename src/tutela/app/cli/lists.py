"""Lists that a command is given: a snapshot file, or a folder with `manifest.json` and `snapshot`."""

from __future__ import annotations

import re
from pathlib import Path

from tutela.edge.live import load_provider_list
from tutela.matching import MatchList, Snapshot


def load(path: Path) -> MatchList:
    """Open and verify. A list from a file is the provider's own, never the register's."""
    if path.is_dir():
        return load_provider_list(path).matches
    name = re.sub(r"[^a-z0-9._-]+", "-", path.stem.lower()).strip("-.") or "list"
    return MatchList.load(Snapshot.open(path), list_id=name[:63], version=1, source="provider_source")
