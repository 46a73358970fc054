"""Arrays of every layout give the answer of their plain copy, and what is no picture is refused by its type."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tutela
from tests.support.pictures import texture
from tutela.media.kernels import pdq_kernel

type Array = np.ndarray[Any, Any]

ROWS, COLS = 42, 54
RGB = texture(3, COLS, ROWS)
GREY = np.ascontiguousarray(RGB[..., 1])
FLOATS = GREY.astype(np.float32)
BOXES = np.array([[0, 0, COLS, ROWS], [3, 2, 40, 41]], np.float64)
CALLS: dict[str, tuple[Callable[[Any], Any], Array]] = {
    "hash of RGB": (pdq_kernel.hash_once, RGB),
    "hash of grey": (pdq_kernel.hash_once, GREY),
    "hash of luminance": (pdq_kernel.hash_once, FLOATS),
    "dihedral": (pdq_kernel.dihedral, RGB),
    "dihedral of grey": (pdq_kernel.dihedral, GREY),
    "dihedral of luminance": (pdq_kernel.dihedral, FLOATS),
    "describe": (pdq_kernel.describe, RGB),
    "describe grey": (pdq_kernel.describe, GREY),
    "describe luminance": (pdq_kernel.describe, FLOATS),
    "white ground": (lambda a: pdq_kernel.describe_on_grounds(a, GREY, [40])[0], RGB),
    "opacity": (lambda a: pdq_kernel.describe_on_grounds(RGB, a, [40])[0], GREY),
    "describe scaled": (lambda a: pdq_kernel.describe_scaled(a, 2 * ROWS, 2 * COLS, 2), GREY),
    "describe turned": (lambda a: pdq_kernel.describe_turned(a, 2 * ROWS, 2 * COLS, 2), FLOATS),
    "describe a plane": (lambda a: pdq_kernel.describe_plane(a, limited=False), GREY),
    "describe a limited plane": (lambda a: pdq_kernel.describe_plane(a, limited=True), GREY),
    "windows": (lambda a: pdq_kernel.windows(a, BOXES, turned=False), FLOATS),
    "boxes": (lambda a: pdq_kernel.windows(FLOATS, a, turned=True), BOXES),
    "luminance": (pdq_kernel.luminance, RGB),
    "reduced RGB": (lambda a: pdq_kernel.reduced(a, 3), RGB),
    "reduced grey": (lambda a: pdq_kernel.reduced(a, 1), GREY),
    "steps": (lambda a: pdq_kernel.steps(a, 8.0), FLOATS),
}


def padded(array: Array, bytes_more: int) -> Array:
    """The array in rows that lie so many bytes further apart, filled with what must not be read."""
    row = array[0].nbytes
    room = np.full(len(array) * (row + bytes_more), 0xA5, np.uint8)
    strides = (row + bytes_more, *array.strides[1:])
    view: Array = np.ndarray(array.shape, array.dtype, room, strides=strides)
    view[:] = array
    return view


def misaligned(array: Array) -> Array:
    room = np.zeros(array.nbytes + 1, np.uint8)
    view: Array = np.ndarray(array.shape, array.dtype, room, offset=1)
    view[:] = array
    return view


def read_only(array: Array) -> Array:
    view = array.copy()
    view.flags.writeable = False
    return view


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "Fortran order": np.asfortranarray,
    "read-only": read_only,
    "upside down": lambda a: a[::-1].copy()[::-1],
    "mirrored": lambda a: a[:, ::-1].copy()[:, ::-1],
    "every other": lambda a: np.repeat(np.repeat(a, 2, 0), 2, 1)[::2, ::2],
    "axes exchanged": lambda a: np.ascontiguousarray(a.swapaxes(0, 1)).swapaxes(0, 1),
    "another byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "misaligned": misaligned,
    "a window": lambda a: np.pad(a, 3)[3:-3, 3:-3, *([slice(3, -3)] * (a.ndim - 2))],
}


def same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(np.array_equal(one, other))


@pytest.mark.parametrize("call", CALLS)
def test_rows_with_any_padding_give_the_answer_of_their_copy(call: str) -> None:
    ask, array = CALLS[call]
    expected = ask(array)
    for more in range(1, 65):
        assert same(ask(padded(array, more)), expected), more


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("call", CALLS)
def test_an_array_of_any_layout_gives_the_answer_of_its_copy(call: str, layout: str) -> None:
    ask, array = CALLS[call]
    given = LAYOUTS[layout](array)
    kept = given.copy()
    assert same(ask(given), ask(array))
    assert np.array_equal(given, kept)


@pytest.mark.parametrize("call", CALLS)
def test_an_array_of_one_row_or_one_column_or_nothing_is_answered_or_refused(call: str) -> None:
    ask, array = CALLS[call]
    for part in (array[:1], array[:, :1], array[3:4, 5:6], array[::50], array[:0], array[:, :0]):
        answers = []
        for given in (part, part.copy()):
            try:
                answers.append(ask(given))
            except (TypeError, ValueError) as error:
                answers.append(str(error))
        assert same(*answers)
        assert "incompatible" not in str(answers)


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint16, np.int32, np.int64, np.float16, np.complex64, object, "S1"])
@pytest.mark.parametrize("call", CALLS)
def test_another_type_is_refused_by_its_name(call: str, kind: Any) -> None:
    ask, array = CALLS[call]
    given = array.astype(kind)
    with pytest.raises(TypeError, match=r"^Give .*, not ") as caught:
        ask(given)
    assert str(given.dtype) in str(caught.value)


@pytest.mark.parametrize("shape", [(), (9,), (9, 9, 1), (9, 9, 2), (9, 9, 4), (2, 9, 9, 3)])
@pytest.mark.parametrize("call", CALLS)
def test_another_shape_is_refused_by_its_lengths(call: str, shape: tuple[int, ...]) -> None:
    ask, array = CALLS[call]
    with pytest.raises(TypeError, match=r"^Give .*, not "):
        ask(np.zeros(shape, array.dtype))


def test_nothing_else_calls_the_kernel() -> None:
    """A call past this module would bring its own demands on an array's layout."""
    source = Path(tutela.__file__).parent
    asked = ["grep", "-rlE", "--include=*.py", r"import .*\b_pdq\b|kernels\._pdq", source]
    found = subprocess.run(asked, capture_output=True, text=True)
    assert found.stdout.split() == [str(source / "media" / "kernels" / "pdq_kernel.py")]
