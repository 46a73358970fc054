"""Tutela: open infrastructure for the fight against child sexual abuse.

The tree is the table of contents: `ARCHITECTURE.md` draws it, import contracts hold it.
"""

__version__ = "0.1.0"
