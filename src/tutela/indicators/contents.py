"""What is in a release, and what has left it since."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef

from tutela.indicators import films, hashes
from tutela.indicators.models import Activation, IndicatorFilm, IndicatorHash, Revocation, Suspension
from tutela.indicators.queries import with_state
from tutela.matching.records import VIDEO, Record

# Between reading what is active and the release's own time.
_MADE_WITHIN = timedelta(hours=1)


def removed_since(made: datetime) -> list[UUID]:
    """Indicators that may be in a release made at this time and are not active now.

    They were active when it was made, or shortly before; what ended earlier is in no release that is still announced.
    """
    about = made - _MADE_WITHIN
    ended = Suspension.objects.filter(indicator=OuterRef("pk"), created_at__gt=about)
    revoked = Revocation.objects.filter(indicator=OuterRef("pk"), created_at__gt=about)
    was = Activation.objects.filter(indicator=OuterRef("pk"), created_at__lte=made)
    gone = with_state().filter(Exists(was), Exists(ended) | Exists(revoked)).exclude(state="active")
    return sorted(gone.values_list("id", flat=True))


def active_records() -> list[Record]:
    """Everything that is active, as a list takes it. Call inside `acting(centre)`."""
    active = with_state().filter(state="active").values("id")
    of_videos = {
        row.indicator_id: films.listed(films.opened(row))
        for row in IndicatorFilm.objects.filter(indicator_id__in=active).iterator(chunk_size=100)
    }
    digests: dict[UUID, dict[str, list[str]]] = {}
    looks: dict[UUID, list[tuple[str, int, str, bool]]] = {}
    for row in IndicatorHash.objects.filter(indicator_id__in=active).iterator(chunk_size=2000):
        kinds = digests.setdefault(row.indicator_id, {})
        if row.kind in ("pdq", hashes.WINDOW):
            looks.setdefault(row.indicator_id, []).append(hashes.look(row))
        elif row.kind != hashes.FRAMES:
            kinds.setdefault(row.kind, []).append(hashes.opened(row))
    return [
        Record(
            entry, sha256=kinds.get("sha256", []), sha1=kinds.get("sha1", []), md5=kinds.get("md5", []),
            pdq=[*looks.get(entry, []), *of_videos.get(entry, [])], flags=VIDEO if entry in of_videos else 0,
        )
        for entry, kinds in digests.items()
    ]  # fmt: skip
