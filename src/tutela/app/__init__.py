"""The roof: settings, URLs, wiring, worker, command line, demo. Composition only: no rule of the casework lives here,
and nothing below imports it.
"""
