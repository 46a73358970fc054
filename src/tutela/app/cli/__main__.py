"""Entry point of `python -m tutela.app.cli`."""

from tutela.app.cli import main

main()
