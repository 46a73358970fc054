"""The roof: settings, commands and wiring. Composition only."""
