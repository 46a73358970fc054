"""A fixed set of seeds of every fuzz target runs with the tests."""

from __future__ import annotations

import warnings
from pathlib import Path

from tests.fuzz import (
    fuzz_addresses,
    fuzz_backlog,
    fuzz_cybertip,
    fuzz_deconfliction,
    fuzz_edge_bodies,
    fuzz_feeds,
    fuzz_index_file,
    fuzz_lists,
    fuzz_png,
    fuzz_police,
    fuzz_report,
    fuzz_salvage,
    fuzz_sealed,
    fuzz_signed_files,
    fuzz_snapshot,
    fuzz_texts,
    fuzz_triage,
    fuzz_upload,
    fuzz_video_hashes,
)


def test_snapshots_survive_their_seeds() -> None:
    opened = [fuzz_snapshot.one(seed) for seed in range(1500)]
    assert any(opened)
    assert not all(opened)


def test_messages_of_deconfliction_and_tables_of_places_survive_their_seeds() -> None:
    for kind in (fuzz_deconfliction.one, fuzz_deconfliction.table):
        accepted = [kind(seed) for seed in range(400)]
        assert any(accepted)
        assert not all(accepted)


def test_reports_survive_their_seeds() -> None:
    accepted = [fuzz_report.one(seed) for seed in range(400)]
    assert any(accepted)
    assert not all(accepted)


def test_documents_of_the_cybertipline_interface_survive_their_seeds() -> None:
    read = [fuzz_cybertip.one(seed) for seed in range(1500)]
    assert any(read)
    assert not all(read)


def test_documents_as_police_get_them_survive_their_seeds() -> None:
    read = [fuzz_police.one(seed) for seed in range(600)]
    assert any(read)
    assert not all(read)


def test_sealed_files_and_their_forms_survive_their_seeds() -> None:
    taken = [fuzz_sealed.one(seed) for seed in range(1500)]
    assert any(taken)
    assert not all(taken)


def test_files_of_reports_survive_their_seeds() -> None:
    read = [fuzz_upload.one(seed) for seed in range(600)]
    assert any(read)
    assert not all(read)


def test_files_of_texts_survive_their_seeds() -> None:
    read = [fuzz_texts.one(seed) for seed in range(300)]
    assert any(read)
    assert not all(read)


def test_index_files_survive_their_seeds() -> None:
    opened = [fuzz_index_file.one(seed) for seed in range(300)]
    assert any(opened)
    assert not all(opened)


def test_pngs_decoded_at_once_are_those_of_pillow() -> None:
    taken = [fuzz_png.one(seed) for seed in range(1500)]
    assert any(taken)
    assert not all(taken)


def test_damaged_pictures_icons_and_texts_survive_their_seeds() -> None:
    for kind, count in ((fuzz_salvage.one, 600), (fuzz_salvage.icon, 600), (fuzz_salvage.texts, 400)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            read = [kind(seed) for seed in range(count)]
        assert any(read)
        assert not all(read)


def test_bodies_for_an_edge_survive_their_seeds(tmp_path: Path) -> None:
    accepted = [fuzz_edge_bodies.one(seed, tmp_path) for seed in range(2000)]
    assert any(accepted)
    assert not all(accepted)


def test_hashes_of_videos_survive_their_seeds() -> None:
    read = [fuzz_video_hashes.one(seed) for seed in range(1500)]
    assert any(read)
    assert not all(read)


def test_answers_of_others_lists_survive_their_seeds() -> None:
    read = [fuzz_feeds.one(seed) for seed in range(1500)]
    assert any(read)
    assert not all(read)


def test_files_of_lists_survive_their_seeds() -> None:
    read = [fuzz_lists.one(seed) for seed in range(2000)]
    assert any(read)
    assert not all(read)


def test_sets_certifications_and_points_survive_their_seeds() -> None:
    read = [fuzz_signed_files.one(seed) for seed in range(2000)]
    assert any(read)
    assert not all(read)


def test_addresses_survive_their_seeds() -> None:
    read = [fuzz_addresses.one(seed) for seed in range(2000)]
    assert any(read)
    assert not all(read)


def test_backlogs_survive_their_seeds() -> None:
    read = [fuzz_backlog.one(seed) for seed in range(1500)]
    assert any(read)
    assert not all(read)


def test_seized_bytes_survive_their_seeds() -> None:
    accepted = [fuzz_triage.one(seed) for seed in range(1500)]
    assert any(accepted)
    assert not all(accepted)


def test_damaged_file_systems_cost_at_most_their_reader() -> None:
    read = [fuzz_triage.image(seed) for seed in range(12)]
    assert any(read)
