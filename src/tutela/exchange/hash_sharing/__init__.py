"""NCMEC's Hash Sharing API, version 2: its documents, read and written.

    entries   what is exchanged, as values            writing   the documents of a server
    reading   the documents of others, as an enemy's  windows   how a client reads a feed without losing anything

Promises: an entry is replaced whole and never merged; a tombstone is written for everything that was ever live; what a
document has and we do not know is counted and named, never dropped unseen.
"""
