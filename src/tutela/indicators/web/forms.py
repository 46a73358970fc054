"""Forms of the register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tutela.exchange.register.video_frames import MAX_CHARACTERS
from tutela.indicators.access import grants
from tutela.indicators.access.quotas import MATCH_ID
from tutela.indicators.hashes import hash_lines
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import Degree, MediaType
from tutela.indicators.register.provenance import Provenance, stated
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.law.classification import choices
from tutela.media.pdq import HASHER_ID
from tutela.organisations.people import directory


class ProposalForm(forms.Form):
    line = forms.CharField(
        label=_("Output line of tutela hash"),
        max_length=MAX_CHARACTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("The whole line that tutela hash FILE printed."),
    )
    file = forms.FileField(
        label=_("Or a file with that line"),
        required=False,
        help_text=_(
            "For a video, the line is long. Save it with tutela hash FILE > FILE.json. Or choose "
            "a file with the vPDQ hash, and enter digests below. Never upload the video itself."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.jsonl,.txt,.vpdq"}),
    )
    sha256 = forms.CharField(
        label="SHA-256", max_length=64, required=False, help_text=_("Or enter the hashes one by one:")
    )
    md5 = forms.CharField(label="MD5", max_length=32, required=False)
    sha1 = forms.CharField(label="SHA-1", max_length=40, required=False)
    pdq = forms.CharField(label="PDQ", max_length=64, required=False)
    quality = forms.IntegerField(label=_("PDQ quality"), min_value=0, max_value=100, required=False)
    media_type = forms.ChoiceField(label=_("Media type"), choices=MediaType.choices)
    classification = forms.ChoiceField(label=_("Classification"))
    series = forms.CharField(
        label=_("Series code"), max_length=16, required=False, help_text=_("Random, never a name.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)
    source = forms.CharField(
        label=_("Source"),
        max_length=80,
        required=False,
        help_text=_("The list or case that the item came from. No names of people."),
    )
    legality = forms.CharField(
        label=_("Law by country"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "One line per country: the country, illegal or lawful, and the norm. Example: DE illegal § 184b StGB"
        ),
    )

    # The text that was pasted or read from the file, set by `said`.
    text = ""

    def told(self) -> Provenance:
        """Source and law of countries. Raises `Invalid`."""
        return Provenance(self.cleaned_data["source"], stated(self.cleaned_data["legality"]))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["classification"].choices = [(c.code, c.label) for c in choices()]  # type: ignore[attr-defined]

    def said(self) -> hash_lines.HashLine:
        """The hashes that were filled in, or those of the line. Raises `NotText`, `LineNotRead`, `FramesNotRead`."""
        file, text = self.cleaned_data["file"], self.cleaned_data["line"]
        text = self.text = hash_lines.text_of(file.read()) if file is not None else text
        line = hash_lines.read_any(text) if text.strip() else None
        if line is not None and line.given:
            return line
        data, kinds = self.cleaned_data, ("sha256", "md5", "sha1", "pdq")
        given = [
            HashValue(k, data[k].strip(), data["quality"] if k == "pdq" else None, HASHER_ID if k == "pdq" else "")
            for k in kinds
            if data[k].strip()
        ]
        return hash_lines.HashLine(given, line.film if line else None)


class AbsenceForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("sha256", "SHA-256"), ("sha1", "SHA-1"), ("md5", "MD5"), ("pdq", "PDQ")]
    )
    value = forms.CharField(label=_("Digest"), max_length=64, help_text=_("Output of: tutela hash FILE"))
    case = forms.CharField(
        label=_("Case, complaint or audit"),
        max_length=100,
        help_text=_(
            "The reference of the case, complaint or audit, without names. The reference is "
            "recorded. The number of proofs per day is limited."
        ),
    )


class GrantForm(forms.Form):
    grantee = forms.ChoiceField(label=_("Organisation"))
    what = forms.ChoiceField(
        label=_("Subject"),
        required=False,
        choices=[
            (LIST_ID, _("the list itself")),
            (MATCH_ID, _("matching only: the organisation queries this node, and holds no list")),
        ],
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        required=False,
        help_text=_("One of the organisation's own purposes. If you choose none, its usual purpose applies."),
    )
    degree = forms.ChoiceField(label=_("Permitted use"), choices=Degree.choices, initial=Degree.REVIEW, required=False)
    per_day = forms.IntegerField(
        label=_("Digests per day"),
        min_value=1,
        max_value=100_000_000,
        required=False,
        help_text=_("For matching only. If empty: 100,000."),
    )
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=120)
    begins = forms.DateField(
        label=_("From (UTC)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("If empty: from now on."),
    )
    days = forms.IntegerField(label=_("Duration (days)"), min_value=1, max_value=730, initial=365)

    def __init__(self, organisations: list[directory.DirectoryEntry], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grantee, purpose = self.fields["grantee"], self.fields["purpose"]
        grantee.choices = [("", "—"), *((str(e.id), f"{e.name} ({e.country})") for e in organisations)]  # type: ignore[attr-defined]
        kinds = {e.kind: e.kind_name for e in organisations}
        purpose.choices = [("", "—"), *_purposes(kinds)]  # type: ignore[attr-defined]


def _purposes(kinds: dict[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each purpose once, below the names of all kinds of organisation that may have it.

    A select with the same value twice would mark both as chosen.
    """
    holders, labels = dict[str, list[str]](), dict[str, list[str]]()
    for kind in sorted(kinds):
        for code, label in grants.purposes_of(kind).items():
            holders.setdefault(code, []).append(str(kinds[kind]))
            if str(label) not in labels.setdefault(code, []):
                labels[code].append(str(label))
    groups = dict[str, list[tuple[str, str]]]()
    for code, names in holders.items():
        groups.setdefault(", ".join(names), []).append((code, " / ".join(labels[code])))
    return list(groups.items())
