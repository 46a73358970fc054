"""Organisations, their people, roles and keys, and the messages between them.

Words: an *organisation* has a kind, a country and a status (a row with author, time and reason). A *person* belongs to
one organisation and holds *roles*. An *API key* acts for an organisation with scopes. A *signing key* makes receipts,
releases and checkpoints. The *outbox* carries messages to another organisation's HTTP API, also on the same node.

Guarantees:
- An unverified organisation receives no personal data.
- Deactivating a person ends every session.
- A secret is stored only as a hash, a private key only wrapped.
- A message is sent until it is answered, and counted once.
"""
