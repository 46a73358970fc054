"""The demonstration: a named cast, a living month of invented work, and a walk through the whole loop.

Everything is made through the same capabilities and the same HTTP API as real work. Stand-ins for listed items are
generated textures and landscapes; no person is shown, named or described anywhere.
"""
