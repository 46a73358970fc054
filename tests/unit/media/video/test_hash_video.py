"""Videos of every kind: the frames that the reference would hash, as they look, and no more decoded than that takes."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pictures import encode as picture_file
from tests.support.pictures import texture
from tests.support.videos import KINDS, RARE, Kind, encode, frames, video
from tutela.media import pdq
from tutela.media.images.decode import describe
from tutela.media.limits import Limits, Sampling
from tutela.media.results import INCOMPLETE, Code, Described, FrameHash, Refusal
from tutela.media.video.formats import video_format_of
from tutela.media.video.hash_video import describe_video
from tutela.media.video.truncation import ends_early

KEYS = Limits(sampling=Sampling.KEYS)
ORIGINALS = frames(5, 25, 320, 180)


def of(data: bytes, limits: Limits | None = None) -> Described:
    return describe_video(io.BytesIO(data), limits or Limits())


def bare(described: Described) -> list[FrameHash]:
    """The frames without their windows: the last one's are looked up with the last hashed one."""
    return [replace(frame, windows=()) for frame in described.frames]


def far(described: Described, originals: tuple[np.ndarray[Any, Any], ...] = ORIGINALS) -> list[int]:
    """Bits from each hashed frame to the picture that the video was made of, where there is enough to see."""
    return [
        (int.from_bytes(pdq.hash_pixels(originals[frame.index])[0]) ^ int.from_bytes(frame.pdq)).bit_count()
        for frame in described.frames
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_a_second_is_hashed_as_it_looks(kind: str) -> None:
    described = of(video(kind))
    assert [frame.index for frame in described.frames] == [0, 25, 50, 75, 100]
    assert [frame.time_ms for frame in described.frames] == [0, 1000, 2000, 3000, 4000]
    assert max(far(described)) <= 10
    assert (described.width, described.height) == (320, 180)
    about = described.video
    assert about is not None
    assert (about.rate, about.interval, about.sampling, about.rotation) == (25.0, 1.0, Sampling.RATE, 0)
    assert about.seconds == pytest.approx(5.0, abs=0.1)
    assert not described.notes


@pytest.mark.parametrize(("key_interval", "seed"), [(20, 0), (20, 1), (12, 2), (33, 3)])
def test_a_whole_video_with_open_groups_is_not_called_damaged(key_interval: int, seed: int) -> None:
    """What is decoded without the frames that it refers to fails, though nothing in the file is wrong."""
    kind = Kind("matroska", "libx264", {"crf": "18", "x264-params": f"open-gop=1:keyint={key_interval}"})
    pictures = frames(5, 25, 320, 180, seed)
    described = of(encode(pictures, kind))
    assert [frame.index for frame in described.frames] == [0, 25, 50, 75, 100]
    assert max(far(described, pictures)) <= 10
    assert not described.notes


@pytest.mark.parametrize("kind", KINDS | RARE)
def test_leaving_out_what_is_not_needed_changes_no_hash(kind: str) -> None:
    sparse, full = of(video(kind), Limits(interval=0.6)), of(video(kind), Limits(interval=0.0))
    assert [frame.index for frame in full.frames] == list(range(125))
    assert bare(sparse) == bare(full)[:: int(0.6 * 25)]
    assert full.frames[-1].pdq in {window.variants[0] for window in sparse.frames[-1].windows}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("mpeg4-avi", "mpeg2-mpg")])
def test_key_frames_are_numbered_and_timed_as_among_all_frames(kind: str) -> None:
    keys, full = of(video(kind), KEYS), of(video(kind), Limits(interval=0.0))
    assert keys.frames
    assert set(bare(keys)) <= set(bare(full))
    assert all(b.time_ms - a.time_ms >= 995 for a, b in itertools.pairwise(keys.frames))  # type: ignore[operator]
    assert keys.video is not None
    assert keys.video.sampling is Sampling.KEYS


def test_cuts_are_key_frames_and_both_scenes_are_seen() -> None:
    assert [frame.index for frame in of(video("h264-mp4"), KEYS).frames] == [0, 50, 100]
    assert max(far(of(video("h264-mp4"), KEYS))) <= 10


@pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (-90, 3), (180, 2)])
@pytest.mark.parametrize("limits", [Limits(), KEYS])
def test_a_turned_video_is_hashed_as_players_show_it(rotation: int, turns: int, limits: Limits) -> None:
    pictures = frames(3, 25, 320, 180)
    described = of(encode(pictures, KINDS["h264-mp4"], rotation=rotation), limits)
    assert (described.width, described.height) == ((180, 320) if turns % 2 else (320, 180))
    upright = tuple(np.ascontiguousarray(np.rot90(picture, turns)) for picture in pictures)
    assert max(far(described, upright)) <= 10
    assert described.video is not None
    assert described.video.rotation % 360 == rotation % 360


def test_a_luminance_plane_of_any_range_and_depth_hashes_as_its_colours() -> None:
    for codec, pixels in (
        ("libx264", "yuv444p"),
        ("libx264", "yuv422p10le"),
        ("libx264rgb", "rgb24"),
        ("mjpeg", "yuvj444p"),
    ):
        described = of(encode(ORIGINALS[:5], Kind("matroska", codec, {"crf": "12", "qmax": "3"}, pixels)))
        assert far(described)[0] <= 10, pixels


def test_a_long_video_is_sampled_more_widely_and_says_so() -> None:
    described = of(video("h264-mp4"), Limits(interval=0.04, video_frames=20))
    assert [frame.index for frame in described.frames] == list(range(0, 125, 7))
    assert described.video is not None
    assert described.video.interval == pytest.approx(7 / 25)


def test_a_video_that_does_not_say_how_long_it_is_keeps_to_its_frames() -> None:
    described = of(video("vp8-webm"), Limits(interval=0.0, video_frames=20))
    assert len(described.frames) <= 20
    steps = {b.index - a.index for a, b in itertools.pairwise(described.frames)}
    assert len(steps) == 1
    assert described.frames[-1].index > 100


class Clock:
    """Passes `pace` seconds with every look at it, and `later` ones after so many looks."""

    def __init__(self, pace: float, later: float = 0.0, after: int = 1 << 30) -> None:
        self.now, self.paces = 0.0, itertools.chain(itertools.repeat(pace, after), itertools.repeat(later))

    def __call__(self) -> float:
        self.now += next(self.paces)
        return self.now


def test_a_video_whose_time_runs_short_is_hashed_on_by_key_frames() -> None:
    clock = Clock(0.0, 1.0, after=130)
    described = describe_video(io.BytesIO(video("mjpeg-avi")), Limits(video_seconds=140), clock)
    assert described.video is not None
    assert described.video.sampling is Sampling.KEYS
    assert "key frames" in described.notes[0]
    assert [frame.index for frame in described.frames][:6] == [0, 25, 50, 75, 100, 109]
    assert described.frames[-1].index == 124


def test_a_video_that_cannot_be_read_through_in_time_is_hashed_by_key_frames_at_once() -> None:
    described = describe_video(io.BytesIO(video("mjpeg-avi")), Limits(video_seconds=200), Clock(1.0))
    assert [frame.index for frame in described.frames] == [0, 25, 50, 75, 100]
    assert described.video is not None
    assert described.video.sampling is Sampling.KEYS


def test_key_frames_far_apart_do_not_stand_for_a_video_whose_time_ran_short() -> None:
    apart = {}
    for group in ("25", "100"):
        data = encode(ORIGINALS, Kind("mp4", "libx264", {"g": group, "keyint_min": group, "sc_threshold": "0"}))
        described = describe_video(io.BytesIO(data), Limits(video_seconds=200), Clock(1.0))
        assert described.video is not None
        assert described.video.sampling is Sampling.KEYS
        apart[group] = described.notes[0].startswith(INCOMPLETE)
    assert apart == {"25": False, "100": True}


def test_a_video_whose_time_is_over_is_answered_as_far_as_it_was_seen() -> None:
    described = describe_video(io.BytesIO(video("vp8-webm")), Limits(video_seconds=100), Clock(2.0))
    assert 0 < len(described.frames) < 5
    assert "seconds, because the time limit was reached" in described.notes[-1]
    assert described.notes[-1].startswith(INCOMPLETE)


@pytest.mark.parametrize("kind", ["h264-ts", "h264-open-groups-mkv", "mpeg4-avi"])
def test_a_video_that_breaks_off_is_hashed_as_far_as_it_goes(kind: str) -> None:
    data = video(kind)
    described = of(data[: len(data) // 2])
    assert 1 <= len(described.frames) < 5
    assert max(far(described)[:-1] or [0]) <= 10


CONTAINERS = ("h264-open-groups-mkv", "h264-ts", "vp8-webm", "mpeg4-avi", "mjpeg-avi", "flv", "wmv2-asf", "vp8-ogg")


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_video_that_ends_before_it_says_is_hashed_with_a_note(kind: str) -> None:
    whole = video(kind)
    for cut in (whole[:-1001], whole[: len(whole) * 7 // 10 - 1]):
        described = of(cut)
        assert described.frames
        assert any("damaged" in note for note in described.notes), described.notes
    assert not of(whole).notes


@pytest.mark.parametrize("kind", ["h264-mp4", "h264-open-groups-mkv", "h264-ts", "vp8-webm", "flv", "vp8-ogg"])
def test_errors_that_a_demuxer_or_a_decoder_passes_over_make_a_note(kind: str) -> None:
    data = bytearray(video(kind))
    data[len(data) // 2 : len(data) // 2 + 5000] = bytes(5000)
    assert any(note.startswith(f"{INCOMPLETE}: damaged") for note in of(bytes(data)).notes)


@given(st.sampled_from([*KINDS, *RARE]), st.data())
def test_what_a_container_says_of_its_end_is_read_from_any_bytes(kind: str, data: st.DataObject) -> None:
    whole = bytearray(video(kind))
    found = video_format_of(bytes(whole[:4096]))
    assert found is not None
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(0, min(len(whole), 3000) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    assert ends_early(io.BytesIO(bytes(whole[:cut])), found) in (True, False)


def test_a_video_without_its_index_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        of(video("h264-mp4")[:-2000])
    assert caught.value.code is Code.CORRUPT


def test_damage_in_the_middle_costs_what_depends_on_it() -> None:
    data = bytearray(video("h264-ts"))
    middle = len(data) // 2
    data[middle : middle + 3760] = b"\0" * 3760
    described = of(bytes(data))
    assert len(described.frames) >= 3
    assert far(described)[0] <= 10


def test_more_pixels_than_allowed_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(Refusal) as caught:
        of(video("h264-mp4"), Limits(max_pixels=320 * 179))
    assert caught.value.code is Code.TOO_LARGE


def test_a_recording_without_a_picture_is_no_video() -> None:
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as opened:
        stream = opened.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        frame.sample_rate = 44100
        opened.mux(stream.encode(frame))
        opened.mux(stream.encode())
    with pytest.raises(Refusal) as caught:
        of(out.getvalue())
    assert caught.value.code is Code.NOT_A_PICTURE


def test_a_codec_that_is_not_on_the_list_is_refused() -> None:
    data = encode(ORIGINALS[:3], Kind("matroska", "ffv1"))
    with pytest.raises(Refusal) as caught:
        of(data)
    assert caught.value.code is Code.UNSUPPORTED


def test_without_its_decoders_a_video_is_refused_with_the_way_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutela.media.video.hash_video.INSTALLED", False)
    with pytest.raises(Refusal, match=r"tutela\[video\]") as caught:
        of(video("h264-mp4"))
    assert caught.value.code is Code.UNSUPPORTED


@given(st.integers(5, 200), st.integers(5, 200), st.booleans(), st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_a_plane_with_padded_rows_hashes_as_one_without(
    rows: int, cols: int, limited: bool, padding: int, seed: int
) -> None:
    from tutela.media.kernels import _pdq

    wide = np.random.default_rng(seed).integers(0, 256, (rows, cols + padding), np.uint8)
    inside = wide[:, :cols]
    assert _pdq.describe_plane(inside, limited) == _pdq.describe_plane(np.ascontiguousarray(inside), limited)


def test_a_plane_of_limited_range_has_the_quality_of_its_full_range() -> None:
    from tutela.media.kernels import _pdq

    full = np.ascontiguousarray(texture(4, 320, 240)[..., 0])
    limited = np.rint(full * (219 / 255) + 16).astype(np.uint8)
    (bits, quality, *_), (expected, wanted, *_) = _pdq.describe_plane(limited, True), _pdq.describe_plane(full, False)
    assert abs(quality - wanted) <= 2
    assert (int.from_bytes(bits[0]) ^ int.from_bytes(expected[0])).bit_count() <= 6
    assert (int.from_bytes(expected[0]) ^ int.from_bytes(pdq.hash_pixels(full)[0])).bit_count() <= 2


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_sampled_by_time_as_a_video_is(form: str) -> None:
    from PIL import Image

    pictures = [Image.fromarray(texture(seed % 7, 48, 48)) for seed in range(60)]
    options = {"save_all": True, "append_images": pictures[1:], "duration": [500, 100] * 30}
    described = describe(picture_file(pictures[0], form, **options), Limits())
    begins = [*range(0, 18000, 600), *range(500, 18000, 600)]
    places = [min(begin for begin in begins if begin >= second * 1000) for second in range(18)]
    # Where a place begins with one of the short ones, the long one after it is shown longest before the next place.
    expected = [place if place % 600 == 0 else place + 100 for place in places]
    assert [frame.time_ms for frame in described.frames] == [*expected, 17900]


def test_a_file_is_read_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "video"
    path.write_bytes(video("h264-mp4"))
    with path.open("rb", buffering=0) as source:
        source.seek(100)
        assert describe_video(source, Limits()) == of(video("h264-mp4"))


@pytest.mark.parametrize("name", ["h264-mp4", "vp9-webm"])
def test_a_second_stream_that_moves_makes_the_answer_incomplete(name: str) -> None:
    kind = (KINDS | RARE)[name]
    out = io.BytesIO()
    with av.open(out, "w", format=kind.container) as opened:
        streams = [opened.add_stream(kind.codec, rate=25) for _ in range(2)]
        for stream in streams:
            stream.height, stream.width, stream.pix_fmt = 90, 160, kind.pixels
            stream.codec_context.thread_count = 1
        for number, picture in enumerate(frames(1, 25, 160, 90)):
            for stream in streams:
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 25)
                opened.mux(stream.encode(frame))
        for stream in streams:
            opened.mux(stream.encode())
    described = of(out.getvalue())
    assert f"{INCOMPLETE}: only the first moving stream is hashed; other streams: 1" in described.notes
    assert not [note for note in of(video(name)).notes if note.startswith(INCOMPLETE)]


def test_frames_that_an_edit_list_hides_are_hashed() -> None:
    data = video()
    at = data.index(b"elst")
    entry = at + 12
    # The list now ends after its first second.
    cut = data[:entry] + (1000).to_bytes(4) + data[entry + 4 :]
    whole, found = (of(one) for one in (data, cut))
    assert [frame.pdq for frame in found.frames] == [frame.pdq for frame in whole.frames]


def test_transparent_frames_leave_a_video_incomplete() -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream("libvpx-vp9", rate=5)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuva420p"
        stream.options = {"auto-alt-ref": "0", "deadline": "realtime"}
        for at, picture in enumerate(ORIGINALS[:5]):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuva420p")
            frame.pts = at
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert any("transparen" in note for note in of(out.getvalue()).notes if note.startswith(INCOMPLETE))


def test_a_track_of_one_picture_is_no_still_picture_in_a_video() -> None:
    data = encode(ORIGINALS[:1], KINDS["h264-mp4"]).replace(b"mdhd", b"free", 1)
    assert of(data).frames
