"""Generated pictures: the same number is the same picture; what the walk lists is never too flat for a list."""

from __future__ import annotations

import numpy as np
import pytest

from tutela.app.demo import scenery
from tutela.media import pdq

FLAT, RICH = 2274692313, 7


def test_a_picture_too_flat_for_a_list_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pdq.hash_pixels(np.asarray(scenery.landscape(FLAT)))[1] < 50
    drawn = iter((FLAT, RICH))
    monkeypatch.setattr(scenery.secrets, "randbits", lambda _bits: next(drawn))
    assert scenery.unseen().tobytes() == scenery.landscape(RICH).tobytes()
