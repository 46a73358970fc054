"""Messages of a removal request as their person reads them: a picture by its number, without a hash."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext as _

from tutela.casework.anonymous.entry import Entry
from tutela.victims.models import Fingerprint
from tutela.victims.removal import message_lines


def without_fingerprints(conversation_id: UUID, entries: list[Entry]) -> list[Entry]:
    """Entries whose lines of fingerprints are "Picture 1", with the number that the progress shows.

    A file that was not read yet gets the next number. Call inside `acting(actor)`.
    """
    rows = Fingerprint.objects.filter(request__accesses__conversation_id=conversation_id)
    numbers = dict(rows.values_list("file_id", "place"))
    return [replace(one, text=_text(one.text, numbers)) for one in entries]


def _text(text: str, numbers: dict[str, int]) -> str:
    lines = list[str]()
    for line in text.splitlines():
        if file_id := message_lines.file_of(line):
            number = numbers.setdefault(file_id, max(numbers.values(), default=0) + 1)
            lines.append(_("Picture {n}").format(n=number))
        elif not message_lines.is_written_by_script(line):
            lines.append(line)
    return "\n".join(lines)
