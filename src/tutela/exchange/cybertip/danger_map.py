"""Map the format's fixed values about danger to a child. Its free text is for people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from lxml import etree

from tutela.exchange.report.sections import Danger

# How the types of incident begin. Enticement is a kind of material of its own.
INCIDENTS = {
    "Child Sexual Molestation": Danger.ACCESS,
    "Child Sex Tourism": Danger.TRAVEL,
    "Child Sex Trafficking": Danger.TRAFFICKING,
    "Unsolicited Obscene Material Sent to a Child": Danger.CONTACT,
}
ANNOTATIONS = {
    "sextortion": Danger.EXTORTION,
    "csamSolicitation": Danger.CONTACT,
    # Groups that drive children to hurt themselves.
    "sadisticOnlineExploitation": Danger.SELF_HARM,
    "liveStreaming": Danger.LIVE,
    "physicalHarm": Danger.VIOLENCE,
    "violenceGore": Danger.VIOLENCE,
    "infant": Danger.YOUNG_CHILD,
}
EARLIER = ("priorCTReports", "priorCTReport")


def dangers(tip: etree._Element, details: Iterable[etree._Element | None]) -> list[str]:
    """The dangers of a submission and of its files' details, each once."""
    found = set(of_incident(tip.findtext("incidentSummary/incidentType", "").strip()))
    annotated = [tip.find("incidentSummary/reportAnnotations")]
    annotated += [one.find("fileAnnotations") for one in details if one is not None]
    found |= of_annotations({str(name.tag) for one in annotated if one is not None for name in one})
    if any(tip.find(f"personOrUserReported/{name}") is not None for name in EARLIER):
        found.add(Danger.REPEAT_UPLOADER)
    return [one.value for one in Danger if one in found]


def of_incident(kind: str) -> Iterator[Danger]:
    """The danger that a type of incident is."""
    yield from (danger for begins, danger in INCIDENTS.items() if kind.startswith(begins))


def of_annotations(names: Collection[str]) -> set[Danger]:
    """The dangers that annotations name."""
    return {danger for name, danger in ANNOTATIONS.items() if name in names}
