"""A caged reader of disk images that does one thing wrong with one file."""

from __future__ import annotations

import json

# What a reader does with the file of one inode. `most` is what it was asked for.
FAULTS = {
    "crash": "os.abort()",
    "crash in the middle": "yield b'part'; os.abort()",
    "end": "os._exit(0)",
    "hang": "time.sleep(60)",
    "hang in the middle": "yield bytes(1 << 20); time.sleep(60)",
    "circle": "\n        while True: pass",
    "error": "yield b'part'; raise OSError('damaged')",
    "more than was asked for": "yield from [bytes(1 << 20)] * ((most >> 20) + 2)",
    "another frame": "w.send_frame(sys.stdout.buffer, w.READY, b'')",
    "no frame": "sys.stdout.buffer.write(b'\\xff' * 5); sys.stdout.buffer.flush()",
    "longer than it was listed": "yield bytes(5 << 20)[:1 << 20]; yield bytes(77)",
}
_PROGRAM = """
import os, sys, time; sys.path.insert(0, sys.argv.pop(1))
from tutela.forensics.sources import image_worker as w
read = w.ImageReader.read_pieces
def faulty(self, locator, most):
    if locator[1] == INODE:
        FAULT
        return
    yield from read(self, locator, most)
w.ImageReader.read_pieces = faulty
os._exit(w.main(sys.argv))
"""


def faulty_reader(locator: bytes, fault: str) -> str:
    """The program of a reader with a fault at the file of a locator."""
    inode = json.loads(locator)[1]
    return _PROGRAM.replace("INODE", str(inode)).replace("FAULT", FAULTS[fault])
