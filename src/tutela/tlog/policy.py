"""Policies: known logs, and the cosignatures that suffice (c2sp.org tlog-policy).

log centre.example/register+a2269d48+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs https://centre.example/log
witness ngo witness.example/ngo+05a5cc34+BLiT+3auZRw0ICLeBuneSFnruncJ71ZzEkYE41ckA4nq https://witness.example
witness academic …
group any-of-them 1 ngo academic
quorum any-of-them
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from tutela.tlog.verify import Checkpoint, Key, Note, Refused, open_note


class PolicyError(ValueError):
    """The policy file is not one; the text names the line."""


@dataclass(frozen=True, slots=True)
class Group:
    """Threshold group: `least` of these members are needed."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Policy of known logs and witnesses, and the quorum of cosignatures that a checkpoint needs."""

    logs: Mapping[Key, str]
    witnesses: Mapping[str, tuple[Key, str]]
    groups: Mapping[str, Group]
    quorum: str

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Read a policy file. Raises `PolicyError` with the line's number."""
        reading = _Reading()
        for number, line in enumerate(text.split("\n"), 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            try:
                reading.take(words)
            except ValueError as error:
                raise PolicyError(f"line {number}: {error}") from None
        if not reading.quorum:
            raise PolicyError("a policy must have exactly one line `quorum`")
        return cls(reading.logs, reading.witnesses, reading.groups, reading.quorum)

    def open(self, data: bytes, *, quorum: bool = True) -> tuple[Checkpoint, Note]:
        """Read a checkpoint signed by a known log and, unless `quorum` is false, cosigned by the quorum."""
        note = open_note(data, [*self.logs, *(key for key, _ in self.witnesses.values())])
        checkpoint = Checkpoint.parse(note.text)
        if not any(key.name == checkpoint.origin for key in note.signers if key in self.logs):
            raise Refused("no known log of this origin has signed the checkpoint")
        if quorum and not self.satisfied(note):
            raise Refused(
                f"the quorum {self.quorum} has not cosigned; cosigned by {', '.join(self.cosigned(note)) or 'none'}"
            )
        return checkpoint, note

    def cosigned(self, note: Note) -> list[str]:
        """The names of the witnesses that have signed."""
        return [name for name, (key, _) in self.witnesses.items() if key in note.signers]

    def satisfied(self, note: Note) -> bool:
        """True if the note has a quorum of cosignatures."""
        return self.suffices(set(self.cosigned(note)))

    def suffices(self, names: Set[str]) -> bool:
        """Whether the signatures of these witnesses are a quorum."""

        def holds(name: str) -> bool:
            group = self.groups.get(name)
            return name in names if group is None else sum(map(holds, group.members)) >= group.least

        return self.quorum == "none" or holds(self.quorum)

    def fewest(self) -> int:
        """The minimum number of witnesses in a quorum; 0 if none is required."""

        def least(name: str) -> int:
            group = self.groups.get(name)
            return 1 if group is None else sum(sorted(map(least, group.members))[: group.least])

        return 0 if self.quorum == "none" else least(self.quorum)

    def shared(self) -> int:
        """The minimum number of witnesses that any two quorums share; 0 if none is required.

        This many, in league with the log, could show two views of it, each under a quorum of its own.
        """

        def least(name: str) -> int:
            group = self.groups.get(name)
            return 1 if group is None else sum(sorted(map(least, group.members))[: both(group)])

        def both(group: Group) -> int:
            return max(0, 2 * group.least - len(group.members))

        return 0 if self.quorum == "none" else least(self.quorum)

    def cosigned_at(self, note: Note) -> int | None:
        """The latest time (POSIX seconds) since which a quorum has signed; None without one, or if none is required.

        Later cosignatures alone do not make it later: a single witness cannot make an old checkpoint look fresh.
        """
        times = {name: note.signers[key] for name, (key, _) in self.witnesses.items() if key in note.signers}
        if self.quorum == "none":
            return None
        moments = sorted(set(times.values()), reverse=True)
        return next((at for at in moments if self.suffices({n for n, time in times.items() if time >= at})), None)


@dataclass(slots=True)
class _Reading:
    logs: dict[Key, str] = field(default_factory=dict)
    witnesses: dict[str, tuple[Key, str]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    quorum: str = ""

    def take(self, words: Sequence[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) < 2:
                self.logs[self._fresh(Key.parse(vkey))] = url[0] if url else ""
            case ["witness", name, vkey, *url] if len(url) < 2:
                self._name(name)
                self.witnesses[name] = self._fresh(Key.parse(vkey)), url[0] if url else ""
            case ["group", name, least, *members] if members:
                self._name(name)
                self.groups[name] = Group(_least(least, len(members)), self._members(members))
            case ["quorum", name] if not self.quorum:
                if name != "none" and name not in self.witnesses and name not in self.groups:
                    raise ValueError(f"{name} is not known")
                self.quorum = name
            case _:
                raise ValueError("not a line of a policy, or a second quorum")

    def _name(self, name: str) -> None:
        if name == "none" or name in self.witnesses or name in self.groups:
            raise ValueError(f"{name} is already used")

    def _fresh(self, key: Key) -> Key:
        if any(key.public == other.public for other in [*self.logs, *(k for k, _ in self.witnesses.values())]):
            raise ValueError(f"the key of {key.name} occurs twice")
        return key

    def _members(self, names: Sequence[str]) -> tuple[str, ...]:
        for name in names:
            if name not in self.witnesses and name not in self.groups:
                raise ValueError(f"{name} is not known yet")
            if name in self.members:
                raise ValueError(f"{name} is already in a group")
            self.members.add(name)
        return tuple(names)


def _least(text: str, count: int) -> int:
    least = {"any": 1, "all": count}.get(text) or (int(text) if text.isascii() and text.isdecimal() else 0)
    if not 1 <= least <= count:
        raise ValueError(f"{text} of {count} members is not possible")
    return least
