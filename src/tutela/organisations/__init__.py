"""Who takes part: organisations, their people, roles and keys, and the messages between them.

Words: an *organisation* has a kind, a country and a status (a row with author, time and reason); a *person* belongs to
one organisation and holds *roles*; an *API key* acts for an organisation with scopes; a *signing key* makes receipts,
releases and checkpoints; the *outbox* carries messages to another organisation's HTTP API, also on the same node.

Promises: an unverified organisation receives no personal data; deactivating a person ends every session; a secret is
stored only as a hash, a private key only wrapped; a message is sent until it is answered, and counted once.
"""
