"""NCMEC's Hash Sharing API, version 2: its documents, read and written.

    entries   the exchanged values                    writing   the documents of a server
    reading   documents of others, as hostile input   windows   how a client reads a feed without losing anything

Promises:
- An entry is replaced whole and never merged.
- A tombstone is written for everything that was ever live.
- Unknown content of a document is counted and named, never dropped silently.
"""
