"""What an analyst's machine fetched, as one archive that is sealed to the police while it is written.

`manifest.json` has the address, times, digests and file names; `files/` has the files, and `page.txt` the page.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import datetime
from typing import IO, Any

from tutela.exchange.referral import age_encryption
from tutela.exchange.takedown.examination.fetch import FetchedAddress
from tutela.exchange.takedown.examination.messages import EvidenceRecipient, ExaminationTask, FoundItem, SealedEvidence


def seal_evidence(
    task: ExaminationTask,
    to: EvidenceRecipient,
    found: FetchedAddress,
    items: list[FoundItem],
    fetched_at: datetime,
    out: IO[bytes],
) -> SealedEvidence:
    """Write the sealed archive to `out`. No clear byte reaches the disk."""
    counted = _Counted(out)
    sealer = age_encryption.Sealer(to.recipient, counted)
    try:
        with zipfile.ZipFile(_Forward(sealer), "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("manifest.json", json.dumps(_manifest(task, to, found, items, fetched_at), indent=1))
            if found.page is not None:
                archive.writestr("page.txt", found.page.data)
            for item, file in zip(items, found.files, strict=True):
                archive.writestr(_name(item), file.data)
    except BaseException:
        sealer.abort()
        raise
    sealer.close()
    return SealedEvidence(sha256=counted.digest.hexdigest(), size=counted.size, recipient=to.recipient)


def _manifest(
    task: ExaminationTask, to: EvidenceRecipient, found: FetchedAddress, items: list[FoundItem], fetched_at: datetime
) -> dict[str, Any]:
    files = [
        {
            "file": _name(item),
            "address": file.address,
            "media_type": file.media_type,
            "size": item.size,
            "sha256": item.sha256,
            "md5": item.md5,
        }
        for item, file in zip(items, found.files, strict=True)
    ]
    return {
        "case": task.case_number,
        "address": task.address,
        "sealed_to": to.authority,
        "fetched_at": fetched_at.isoformat(),
        "status": found.status,
        "not_fetched": found.not_fetched,
        "files": files,
    }


def _name(item: FoundItem) -> str:
    return f"files/{item.position:03d}.{item.format}"


class _Counted:
    """Digest and size of what is written."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self.digest, self.size = out, hashlib.sha256(), 0

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        self.size += len(piece)
        return self._out.write(piece)


class _Forward(io.RawIOBase):
    """A file that can only be written to its end."""

    def __init__(self, sealer: age_encryption.Sealer) -> None:
        self._sealer = sealer

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        data = bytes(piece)
        self._sealer.write(data)
        return len(data)
