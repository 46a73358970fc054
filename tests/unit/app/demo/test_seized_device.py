"""An invented seized phone is sorted by the commands that are printed for it, and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutela.app.demo import seized_device
from tutela.app.demo.device_walk import DeviceSteps


def test_the_commands_for_the_phone_sort_it() -> None:
    told = list[str]()
    DeviceSteps(told.append).sort()
    assert "3 exact copies and 2 edited ones" in told[0]


def test_a_folder_that_has_a_phone_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "phone").mkdir()
    with pytest.raises(FileExistsError):
        seized_device.write_seized_device(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["phone"]
