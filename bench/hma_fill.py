"""Fills a database of HMA with hashes and builds its index; runs with HMA's own Python, out of `hma_peer`.

hma_fill.py HASHES.npy
"""

from __future__ import annotations

import sys

import numpy as np
from OpenMediaMatch.app import create_app
from OpenMediaMatch.background_tasks.build_index import build_all_indices
from OpenMediaMatch.persistence import get_storage
from OpenMediaMatch.storage.postgres import database


def main(path: str) -> None:
    """A bank with one content for each hash."""
    hashes = [bytes(one).hex() for one in np.load(path)]
    with create_app().app_context():
        session = database.db.session
        bank = database.Bank(name="BENCH", enabled_ratio=1.0)
        session.add(bank)
        session.flush()
        contents = [{"id": number, "bank_id": bank.id} for number in range(1, len(hashes) + 1)]
        signals = [
            {"content_id": number, "signal_type": "pdq", "signal_val": value} for number, value in enumerate(hashes, 1)
        ]
        session.bulk_insert_mappings(database.BankContent, contents)
        session.bulk_insert_mappings(database.ContentSignal, signals)
        session.commit()
        storage = get_storage()
        build_all_indices(storage, storage, storage)


if __name__ == "__main__":
    main(sys.argv[1])
