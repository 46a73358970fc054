"""Lists of a provider's own: live without a Centre, sealed at once, renewed without a restart."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.edge_centre import NOW, manifest
from tests.support.matching_lists import digests, frame, pdq, record
from tutela import clock
from tutela.edge.active_lists import provider_lists
from tutela.edge.active_lists.lists_in_use import LiveLists, Subject
from tutela.edge.active_lists.provider_lists import ProviderSource, ProviderSources, refused_sources
from tutela.edge.errors import (
    ExpiredReleaseError,
    ReleaseError,
    SettingsError,
    SourceError,
    SourceUnreadableError,
    UntrustedReleaseError,
)
from tutela.edge.process.coordinator import Holder
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.settings import Settings
from tutela.exchange.removal import requested_hashes
from tutela.matching import Record, snapshot_bytes

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


def hashes(path: Path, *numbers: int, age: int = 0) -> Path:
    path.write_text("".join(f"{pdq(number).hex()}\n" for number in numbers))
    os.utime(path, ns=((int(NOW.timestamp()) - age) * 10**9, (int(NOW.timestamp()) - age) * 10**9 + len(numbers)))
    return path


def source(path: Path, folder: Path, key: bytes = KEY) -> ProviderSource:
    return ProviderSource(path, folder, key, 90, Subject.CSA)


def found(lists: LiveLists, number: int) -> bool:
    answers, _ = lists.match_all([(None, [frame(pdq(number))])])
    return bool(answers[0])


def test_plain_pdq_text_is_a_list_with_no_centre(tmp_path: Path) -> None:
    live = source(hashes(tmp_path / "My List.txt", 1, 2), tmp_path / "own").load()
    assert (live.manifest.list_id, len(live.matches), live.describe(NOW)["in_public_register"]) == ("my-list", 2, False)
    assert live.manifest.expires == NOW + timedelta(days=90)
    at_rest = b"".join(path.read_bytes() for path in (tmp_path / "own" / "my-list").iterdir())
    assert pdq(1) not in at_rest


def test_a_change_of_the_file_is_in_use_without_a_restart(tmp_path: Path) -> None:
    path, lists, alerts = hashes(tmp_path / "a.txt", 1), LiveLists(), []
    sources = ProviderSources([source(path, tmp_path / "own")], lists, lambda one, error: alerts.append((one, error)))
    assert found(lists, 1)
    assert sources.refresh()
    before = lists.get("a")
    hashes(path, 2, 3)
    assert sources.refresh()
    assert lists.get("a") is before, "it may be half written: it has to stand still from one look to the next"
    assert sources.refresh()
    after = lists.get("a")
    assert before
    assert after
    assert (before.matches.version, after.matches.version) == (1, 2)
    assert (found(lists, 1), found(lists, 3)) == (False, True)
    path.write_text("nothing usable\n")
    assert sources.refresh()
    assert not sources.refresh()
    assert found(lists, 3), "the last good list stays in use"
    assert [one for one, _ in alerts] == ["a"]
    assert sources.refresh(), "the alert is raised once"


def test_a_list_that_is_being_written_is_not_taken_for_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lists, alerts = hashes(tmp_path / "a.txt", 1, 2, 3), LiveLists(), []
    sources = ProviderSources([source(path, tmp_path / "own")], lists, lambda one, error: alerts.append(type(error)))
    hashes(path, 2)
    assert sources.refresh()
    real = provider_lists.records

    def slowly(file: Path, list_id: str) -> Iterator[Record]:
        yield from real(file, list_id)
        hashes(path, 2, 3, 4, 5)

    with monkeypatch.context() as writing:
        writing.setattr(provider_lists, "records", slowly)
        assert not sources.refresh()
    assert alerts == [SourceUnreadableError]
    assert found(lists, 1), "what is in use stays"
    assert sources.refresh()
    assert sources.refresh()
    assert (found(lists, 1), found(lists, 4)) == (False, True)


def test_a_source_that_could_not_be_read_for_a_moment_is_read_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lists = hashes(tmp_path / "a.txt", 1), LiveLists()
    sources = ProviderSources([source(path, tmp_path / "own")], lists, lambda *_: None)
    hashes(path, 2, 3)
    assert sources.refresh()

    def away(file: Path, list_id: str) -> Iterator[Record]:
        raise SourceUnreadableError(f"{file}: Input/output error.")

    with monkeypatch.context() as broken:
        broken.setattr(provider_lists, "records", away)
        assert not sources.refresh()
    assert sources.refresh()
    assert found(lists, 3)


def test_the_clear_file_may_be_deleted_once_it_is_sealed(tmp_path: Path) -> None:
    path = hashes(tmp_path / "a.txt", 1)
    source(path, tmp_path / "own").load()
    path.unlink()
    assert len(source(path, tmp_path / "own").load().matches) == 1
    with pytest.raises(SourceError, match="No such file"):
        source(path, tmp_path / "own", bytes(32)).load()


def test_an_index_of_before_is_built_again_also_where_the_clear_file_is_gone(tmp_path: Path) -> None:
    path = hashes(tmp_path / "a.txt", 1)
    source(path, tmp_path / "own").load()
    path.unlink()
    (tmp_path / "own" / "a" / "1.index").write_bytes(b"torn")
    assert source(path, tmp_path / "own").load().matches.version == 1


def test_what_is_sealed_with_another_key_or_damaged_is_built_again(tmp_path: Path) -> None:
    path = hashes(tmp_path / "a.txt", 1)
    source(path, tmp_path / "own").load()
    assert source(path, tmp_path / "own", bytes(32)).load().matches.version == 2
    (tmp_path / "own" / "a" / "2.list").write_bytes(b"torn")
    assert source(path, tmp_path / "own", bytes(32)).load().matches.version == 3


def test_a_list_that_nobody_renews_expires(tmp_path: Path) -> None:
    with pytest.raises(ExpiredReleaseError):
        source(hashes(tmp_path / "a.txt", 1, age=91 * 86400), tmp_path / "own").load()


def test_an_index_folder_cannot_pose_as_the_register(tmp_path: Path) -> None:
    data, _ = snapshot_bytes([record(0)])
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "snapshot").write_bytes(data)
    (folder / "manifest.json").write_bytes(manifest(data, 1, 7, source_kind="provider_source").to_bytes())
    live = source(folder, tmp_path / "own").load()
    assert (live.manifest.list_id, live.matches.version) == ("list-a", 7)
    assert live.matches.match(digests(0), [])
    (folder / "manifest.json").write_bytes(manifest(data, 1, 8).to_bytes())
    with pytest.raises(UntrustedReleaseError):
        source(folder, tmp_path / "own")


def test_two_lists_of_one_name_and_two_holders_of_one_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    paths = [str(hashes(tmp_path / "a.txt", 1)), str(hashes(tmp_path / "b" / "a.txt", 2))]
    with pytest.raises(SettingsError, match="Two lists have the id a"):
        Holder(Settings(data_dir=tmp_path / "data", provider_lists=",".join(paths)), Metrics())
    one = Holder(Settings(data_dir=tmp_path / "data", provider_lists=paths[0]), Metrics())
    with pytest.raises(SettingsError, match="Another Edge"):
        Holder(Settings(data_dir=tmp_path / "data", provider_lists=paths[0]), Metrics())
    one.close()


def test_a_source_that_lost_more_than_a_tenth_replaces_nothing(tmp_path: Path) -> None:
    path, folder, lists = hashes(tmp_path / "a.txt", *range(20)), tmp_path / "data" / "own", LiveLists()
    alerts: list[tuple[str, str]] = []

    def alert(one: str, error: ReleaseError) -> None:
        alerts.append((one, error.code))

    sources = ProviderSources([source(path, folder)], lists, alert)
    hashes(path, *range(18))
    assert sources.refresh()
    assert sources.refresh(), "a tenth may go"
    hashes(path, *range(16))
    assert sources.refresh()
    assert not sources.refresh()
    assert (alerts, found(lists, 17)) == ([("a", "source_shrank")], True)
    (said,) = refused_sources(tmp_path / "data")
    assert "16 entries, the list in use 18" in said
    again = LiveLists()
    ProviderSources([source(path, folder)], again, alert)
    assert found(again, 17), "a start does not replace it either"
    assert alerts == 2 * [("a", "source_shrank")]
    hashes(path, *range(18))
    ProviderSources([source(path, folder)], again, alert)
    assert refused_sources(tmp_path / "data") == []
    hashes(path, *range(5))
    allowed = ProviderSource(path, folder, KEY, 90, Subject.CSA, allow_shrink=True)
    ProviderSources([allowed], again, alert)
    assert (found(again, 17), found(again, 4)) == (False, True)


def test_a_start_with_a_list_that_shrank_is_told_in_status_and_metrics(tmp_path: Path) -> None:
    path = hashes(tmp_path / "a.txt", *range(20))
    settings = Settings.from_env(
        {"TUTELA_EDGE_DATA_DIR": str(tmp_path / "data"), "TUTELA_EDGE_PROVIDER_LISTS": str(path)}
    )
    Holder(settings, Metrics()).close()
    hashes(path, 1)
    metrics = Metrics()
    Holder(settings, metrics).close()
    assert (
        metrics.registry.get_sample_value(
            "tutela_edge_release_refusals_total", {"list": "a", "reason": "source_shrank"}
        )
        == 1.0
    )
    assert refused_sources(tmp_path / "data")
    Holder(settings.model_copy(update={"allow_shrink": True}), metrics).close()
    assert not refused_sources(tmp_path / "data")


def test_a_source_that_ends_in_half_a_line_replaces_nothing_at_work_and_at_the_start(tmp_path: Path) -> None:
    path, lists, alerts = hashes(tmp_path / "a.txt", *range(1, 21)), LiveLists(), list[str]()
    sources = ProviderSources([source(path, tmp_path / "own")], lists, lambda _id, error: alerts.append(error.code))
    path.write_text(path.read_text()[:-3])
    assert sources.refresh()
    assert not sources.refresh()
    assert found(lists, 20), "the list in use stays"
    assert "no line end" in refused_sources(tmp_path)[0]
    again = LiveLists()
    ProviderSources([source(path, tmp_path / "own")], again, lambda _id, error: alerts.append(error.code))
    assert found(again, 20)
    assert alerts == ["source_cut_off"] * 2


def test_requested_hashes_under_another_name_are_no_list(tmp_path: Path) -> None:
    """Their matches would be candidates for a report."""
    entry = {"entry_id": str(uuid4()), "list_id": requested_hashes.LIST_ID, "pdq": pdq(1).hex(), "quality": 100}
    for name in ("our-hashes.jsonl", "all/requested-removal.jsonl"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(entry) + "\n")
        whole = file if file.parent == tmp_path else file.parent
        with pytest.raises(SourceError, match="Name the file"):
            source(whole, tmp_path / "own").load()
    named = tmp_path / f"{requested_hashes.LIST_ID}.jsonl"
    named.write_text(json.dumps(entry) + "\n")
    assert source(named, tmp_path / "own").load().manifest.entries == 1


def test_withdrawn_requests_are_gone_at_once_and_the_list_may_be_empty(tmp_path: Path) -> None:
    """Of any other list, so much lost keeps the list in use; here a person has withdrawn."""
    file = tmp_path / f"{requested_hashes.LIST_ID}.jsonl"
    lists, alerts = LiveLists(), list[object]()
    lines = [f'{{"entry_id": "{uuid4()}", "pdq": "{pdq(number).hex()}", "quality": 100}}\n' for number in (1, 2, 3)]
    file.write_text("".join(lines))
    sources = ProviderSources([source(file, tmp_path / "own")], lists, lambda *told: alerts.append(told))
    assert found(lists, 1)
    for left in (lines[:1], []):
        file.write_text("".join(left))
        sources.refresh()
        assert sources.refresh()
        assert (found(lists, 1), found(lists, 2)) == (bool(left), False)
    assert alerts == []
