"""The Centre's desk: reports are received, assessed and referred, and outcomes are returned.

Terms:

- A *report* is a provider's statement about one account and event.
- An *item* is a piece of media known by its digests.
- A *sighting* is an item in a report.
- A *bundle* shows one item once, however many reports carry it.
- A *duplicate* has the same account, event and exact item.
- An *assessment* decides relevance.
- A *referral* goes to an authority.
- An *outcome* comes back.

Guarantees:

- A receipt is given only after commit.
- Items merge, people do not.
- Completeness, relevance and urgency are three explained scores that set the order and never close a report.
- In the order of triage an urgent report is never below a non-urgent one. A person may sort a list in another order.
- An unknown value is never counted as low.
"""
