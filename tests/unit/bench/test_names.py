"""Each figure that is promised is printed by a bench under exactly its name, or docs/deviations.md says why not."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NAMES = (
    "search_ratio_1m",
    "search_ratio_10m",
    "search_threads",
    "index_bytes",
    "index_open_10m",
    "index_delta_10k",
    "compaction_stall",
    "hash_jpeg12_ratio",
    "hash_jpeg12_decode",
    "hash_jpeg12_limit",
    "hash_small_jpeg_ratio",
    "hash_small_png_ratio",
    "hash_small_webp_ratio",
    "hash_bits_median_jpeg",
    "hash_bits_max_jpeg",
    "hash_bits_median_others",
    "hash_bits_max_others",
    "sandbox_cost",
    "sandbox_cost_small",
    "evasion_not_scanned",
    "evasion_rate",
    "video_same_frames_ratio_h264",
    "video_same_frames_ratio_hevc",
    "video_same_frames_ratio_av1",
    "video_key_frames_ratio_h264",
    "video_key_frames_ratio_hevc",
    "video_key_frames_ratio_av1",
    "recall_reencode",
    "recall_mirror_rotate90",
    "recall_border_caption",
    "recall_crop10",
    "recall_overlay",
    "recall_small_turn",
    "recall_collage",
    "edits_worse_than_pdq",
    "false_pairs",
    "false_candidates_per_upload_10m",
    "false_corroborated_per_upload_10m",
    "edge_single_pdq",
    "edge_batch_pdq",
    "edge_batch",
    "edge_single",
    "edge_hma_ratio",
    "edge_http_photographs",
    "edge_http_small",
    "edge_http_lookups",
    "ray_efficiency",
    "register_broken_promises",
    "import_1m",
    "private_look_up_node_one",
    "log_audit_1m",
    "propagation_addition_p99",
    "propagation_revocation_p99",
    "absence_verify_p99",
    "intake_single",
    "intake_batches",
    "intake_with_worker",
    "intake_drained",
    "intake_p99",
    "cybertip_flows",
    "report_page_p95",
    "search_p95_1m",
    "rechecks",
    "lost_or_doubled",
    "month_minutes_ratio",
    "month_duplicates_merged",
    "month_urgent_recall",
    "month_urgent_precision",
    "drill_edges",
    "drill_recipients",
    "browser_hash_12mp",
    "browser_bits_max",
    "public_first_page",
    "triage_pictures_ratio",
    "triage_bytes_ratio",
    "seen_before_50m",
    "figures_recomputed",
    "falsifications_found",
    "dashboards_p95_10m",
    "knowledge_search_p95",
    "lab_minutes",
)


@cache
def names() -> tuple[frozenset[str], tuple[tuple[re.Pattern[str], frozenset[str]], ...]]:
    """Words in the benches, and names that are composed: their pattern and the words of the same file."""
    said, composed = set[str](), []
    for path in sorted((ROOT / "bench").glob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        words = {one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)}
        said |= words
        words |= {one.lower() for one in words}
        for one in nodes:
            if isinstance(one, ast.JoinedStr) and any(isinstance(part, ast.Constant) for part in one.values):
                parts = (re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"(\w*)" for p in one.values)
                composed.append((re.compile("".join(parts)), frozenset(words)))
    return frozenset(said), tuple(composed)


def printed(name: str) -> bool:
    """Whether a bench has this name as a word, or composes it of words that it has."""
    said, composed = names()
    return name in said or any(
        (found := pattern.fullmatch(name)) is not None and all(not part or part in words for part in found.groups())
        for pattern, words in composed
    )


def test_a_name_that_no_bench_prints_is_found() -> None:
    assert printed("report_page_p95")
    assert printed("video_key_frames_ratio_av1")
    assert not printed("report_page_p96")
    assert not printed("video_key_frames_ratio_mpeg2")


@pytest.mark.parametrize("name", NAMES)
def test_figure_is_printed_under_its_name_or_named_among_the_deviations(name: str) -> None:
    deviations = (ROOT / "docs" / "deviations.md").read_text("utf-8")
    assert printed(name) != (f"`{name}`" in deviations), "printed by a bench, or a deviation, and not both"
