"""How the reports of `month` express that a child may be in danger now, and words of reports where none is.

Each case is written as a moderator or a duty officer writes it. The lists know nothing of the Centre's rules, and the
rules were written without them: what the rules miss shows in the figures.
"""

from __future__ import annotations

import random
from typing import Any

# A way of expressing urgency, and its share of the urgent reports.
SHARES = {"declared": 0.30, "code": 0.20, "words": 0.25, "types": 0.08, "ages": 0.05, "travel": 0.07, "nothing": 0.05}
CODES = ("imminent", "self_harm", "live", "access", "extortion", "trafficking")
WORDS = (
    "He writes that his daughter is asleep in the next room and that he will film her tonight.",
    "User says he is alone with his niece this weekend and is going to do it again.",
    "The abuse appears to be ongoing; the uploader lives with the child.",
    "The child says she wants to kill herself if the pictures are sent to her school.",
    "Victim told our support team she has been cutting herself and wants to die.",
    "A boy of fifteen threatens suicide because of the demands.",
    "The account announced a live stream of the abuse for tonight.",
    "Moderators saw abuse being streamed live, with viewers giving instructions.",
    "The suspect is a football coach with daily access to children.",
    "Uploader states that he is a foster father and babysits two toddlers.",
    "The girl is being blackmailed: she has to send more pictures or he posts them.",
    "Sextortion of a minor is in progress, payment demanded within 24 hours.",
    "The seller offers his stepdaughter to other men for money.",
    "Chat suggests the child is being sold for sex in a hotel.",
    "Please treat with priority, a child is at immediate risk.",
    "Der Nutzer schreibt, dass er mit seiner Tochter allein ist und sie heute Nacht missbrauchen will.",
    "Das Kind droht mit Selbstmord.",
    "Der Missbrauch wird live übertragen.",
    "Der Verdächtige ist Erzieher in einem Kindergarten und hat täglich Zugang zu Kindern.",
    "Das Mädchen wird mit Nacktbildern erpresst.",
    "Akute Gefahr für ein Kind im Haushalt des Nutzers.",
    "L'utilisateur dit qu'il est seul avec sa nièce et qu'il va recommencer ce soir.",
    "La victime menace de se suicider.",
    "L'abus est diffusé en direct.",
    "Un enfant est en danger immédiat.",
    "La jeune fille est victime de chantage avec des photos intimes.",
    "El usuario dice que vive con la menor y que va a abusar de ella esta noche.",
    "La menor amenaza con suicidarse.",
    "Un niño está en peligro inmediato.",
    "L'utente minaccia di pubblicare le foto della bambina se non paga.",
)
TRAVEL = (
    "He has booked a flight to Manila for Friday to meet the girl.",
    "User is on his way to meet a 13-year-old at the station.",
    "They agreed to meet at a hotel on Saturday; the other person is a child.",
    "Er fährt morgen zu dem Kind, um es zu treffen.",
    "Il a réservé un vol pour rencontrer l'enfant.",
    "The adult will pick her up from school tomorrow.",
)
AGES = (
    "The child is an infant, newly produced.",
    "A toddler, about two years old, in pictures that no list has.",
    "Das Kind ist ein Säugling.",
)
# Of reports where nobody is in danger now so many carry one of these.
CALM_SHARE = 0.4
CALM = (
    "Found by hash matching; no indication of imminent danger.",
    "Not urgent. The account has been inactive since 2019.",
    "The user posts live recordings of concerts.",
    "User travels a lot; pictures of beaches in the same album.",
    "No sign that the user has access to children.",
    "Account holder is a retired teacher; the picture was shared as a joke.",
    "Keine Anhaltspunkte für eine akute Gefahr.",
    "Aucun danger immédiat constaté.",
    "The user says the picture was sent to him by a stranger whom he blocked.",
    "Old film scene, the actors are adults.",
    "The same meme was reported a hundred times this week.",
    "Content removed, account suspended, data preserved for 90 days.",
    "The item shows a newborn in a bath, sent between grandparents.",
    "Sin indicios de peligro inmediato para un menor.",
    "Child sexual abuse material uploaded again today by the same account.",
    "The link is still live and shows abuse of a child.",
    "Sent by direct message; the recipient reported the abuse of a child.",
    "This kind of abuse content is found daily on our streaming service.",
    "Las fotos son de abuso sexual infantil, subidas otra vez.",
    "The user wants child abuse material and offers money for it.",
    "Kinderbilder ohne sexuellen Bezug, heute erneut gemeldet.",
    "User booked a hotel through our service; unrelated to the picture.",
)
# Where a provider's people write it.
PLACES = ("reason", "awareness", "other_data", "other")


def way_of(rng: random.Random) -> str:
    """A way of expressing urgency, by its share."""
    return rng.choices(tuple(SHARES), tuple(SHARES.values()))[0]


def expressed(rng: random.Random, way: str) -> dict[str, Any]:
    """The sections of an urgent report in which its urgency shows, or does not."""
    if way == "declared":
        return {"urgency": {"urgent": True, "reason": "token"}}
    if way == "code":
        return {"urgency": {"urgent": False, "dangers": [rng.choice(CODES)]}}
    if way == "words":
        return written(rng, rng.choice(WORDS))
    if way == "types":
        return {
            "urgency": {"urgent": False, "dangers": ["contact"]},
            "kinds": ["solicitation"],
            "victims": [{"usernames": ["child-token"]}],
        }
    if way == "ages":
        return {**written(rng, rng.choice(AGES)), "kinds": ["new"]}
    if way == "travel":
        if rng.random() < 0.5:
            return {"urgency": {"urgent": False, "dangers": ["travel"]}}
        return written(rng, rng.choice(TRAVEL))
    return {"urgency": {"urgent": False}}


def calm(rng: random.Random) -> dict[str, Any]:
    """The sections of a report where nobody is in danger now: often with words that sound alike."""
    return written(rng, rng.choice(CALM)) if rng.random() < CALM_SHARE else {"urgency": {"urgent": False}}


def written(rng: random.Random, text: str) -> dict[str, Any]:
    """The sections of a report with a sentence in one of the fields for words."""
    place = rng.choice(PLACES)
    sections: dict[str, Any] = {"urgency": {"urgent": False}}
    if place == "reason":
        sections["urgency"]["reason"] = text
    elif place == "awareness":
        sections["awareness"] = {"manners": ["own_motion"], "details": text}
    else:
        sections[place] = {"text": text}
    return sections
