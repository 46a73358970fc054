"""Everything by which somebody else checks this node, as one file that an auditor takes away."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from tests.integration.indicators.register.test_register import _active, _scheme
from tests.support.cast import Cast
from tests.support.register import log
from tutela.accountability.public_log import log as public_log_log
from tutela.events.models import Event
from tutela.events.transaction import acting

__all__ = ["_scheme"]
ADDRESS = "/desk/events/everything.tar"


def test_an_auditor_takes_the_log_its_policy_and_the_checkpoints(cast: Cast, tmp_path: Path) -> None:
    _active(cast)
    log()
    answer = cast.client(cast.auditor, "auditor").get(ADDRESS)
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        names = tar.getnames()
        tar.extractall(tmp_path, filter="data")
    assert names[:2] == ["policy", "log/checkpoint"]
    assert any(name.startswith("log/tile/entries/") for name in names)
    assert not any("release" in name or "key" in name for name in names)
    assert (tmp_path / "log" / "checkpoint").read_bytes() == (public_log_log.folder() / "checkpoint").read_bytes()
    with acting(cast.auditor):
        assert Event.objects.filter(kind="audit.taken", organisation_id=cast.auditor.organisation_id).count() == 1


def test_nobody_else_takes_it(cast: Cast) -> None:
    for organisation, role in ((cast.hotline_ie, "analyst"), (cast.pixelpost, "lead"), (cast.centre, "lead")):
        assert cast.client(organisation, role).get(ADDRESS).status_code == 404
