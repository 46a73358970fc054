"""Generated pictures: the same number is the same picture; what the walk lists is never too flat for a list."""

from __future__ import annotations

import numpy as np
import pytest

from tutela.app.demo import pictures
from tutela.media import pdq

FLAT, RICH = 2274692313, 7


def test_a_picture_too_flat_for_a_list_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pdq.hash_pixels(np.asarray(pictures.landscape(FLAT)))[1] < 50
    drawn = iter((FLAT, RICH))
    monkeypatch.setattr(pictures.secrets, "randbits", lambda _bits: next(drawn))
    assert pictures.unseen().tobytes() == pictures.landscape(RICH).tobytes()
