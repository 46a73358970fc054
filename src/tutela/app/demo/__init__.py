"""The demonstration: a fixed cast, one month of invented work, and a walk through the whole loop.

Everything is created through the same functions and the same HTTP API as real work. Stand-ins for listed items are
generated textures and landscapes; no person is shown, named or described anywhere.
"""
