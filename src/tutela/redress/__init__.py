"""Redress: a complaint, a human decision, and the mistake corrected at every recipient.

Terms: a *complaint* is about one measure. A *decision* is a person's. A *reversal* is one mistake, known by one ID at
every organisation. A *hop* is one recipient that must correct it, or one own place that must be corrected.

Guarantees: nobody decides about their own earlier decision. Every hop is a row and ends with an answer; an unanswered
hop raises an alert. The person learns the measure, that it was an error and what was undone. Texts to the person are
made of codes alone: they name no list, no digest, no distance and no other item, and are the same during a hold.
"""
