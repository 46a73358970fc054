"""Each figure that is promised (the design page on figures) is on the page under its name, or is a deviation."""

from __future__ import annotations

import re
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


def rows() -> frozenset[str]:
    """Names on the page, which a full run of the benches writes from what they printed."""
    return frozenset(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "performance.md").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", NAMES)
def test_figure_has_its_row_under_its_name_or_is_named_among_the_deviations(name: str) -> None:
    deviations = (ROOT / "docs" / "deviations.md").read_text("utf-8")
    assert (name in rows()) != (f"`{name}`" in deviations), "on the page, or a deviation, and not both"
