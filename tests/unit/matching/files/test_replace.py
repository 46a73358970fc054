"""Files that are replaced in one step, also when their writer is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tutela.matching.files.replace import published, sweep

# One process counts the lines that a write runs through; then a child for each of many of them is killed right there.
# After each the file is opened: it must be the old one or the new one, and the next write leaves nothing else behind.
KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from tutela.matching import HammingIndex
from tutela.matching import SharedIndex
from tutela.matching.files import container
from tutela.matching import write_index

container.CHUNK_BYTES = 4096
folder = Path(sys.argv[1])
path = folder / "index"
key = bytes(32)
versions = [HammingIndex(np.full((40 + i, 32), i, np.uint8)) for i in range(2)]

def count_or_kill(kill_at):
    seen = 0
    def line(frame, event, arg):
        nonlocal seen
        if "tutela" in frame.f_code.co_filename or "pathlib" in frame.f_code.co_filename:
            seen += 1
            if seen == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return line
    sys.settrace(line)
    write_index(path, versions[1], key=key, binding=b"x")
    sys.settrace(None)
    return seen

def size():
    with SharedIndex.open(path, key=key, binding=b"x", threads=1) as shared:
        return len(shared.index)

# The first write runs through lines that none after it does.
total = min(count_or_kill(-1) for _ in range(2))
outcomes, leftovers = set(), 0
for number in range(60):
    write_index(path, versions[0], key=key, binding=b"x")
    assert [file.name for file in folder.iterdir()] == ["index"], "leftovers of the killed are swept"
    child = os.fork()
    if child == 0:
        count_or_kill(1 + number * total // 60)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    outcomes.add(size())
    leftovers += len(list(folder.iterdir())) - 1
print(sorted(outcomes), leftovers > 0)
"""


def test_a_writer_killed_anywhere_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "[40, 41] True"


def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), published(path) as file:
        file.write("half a line, and not even bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["list"]


def test_parts_of_the_living_stay_and_those_of_the_dead_go(tmp_path: Path) -> None:
    path = tmp_path / "list[1]"
    dead = tmp_path / ".list[1].0123.part"
    dead.write_bytes(b"left behind")
    other = tmp_path / ".list1.0123.part"
    other.write_bytes(b"of another file")
    with published(path) as file:
        assert not dead.exists()
        file.write(b"new")
        sweep(path)
        with published(path) as second:
            second.write(b"sooner")
        assert path.read_bytes() == b"sooner"
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == [".list1.0123.part", "list[1]"]
