"""Commands `tutela triage`: sort seized media on a machine without a network, and grade what is new."""

from tutela.app.cli.offline.triage.commands import app
from tutela.app.cli.offline.triage.grade_commands import grades

app.add_typer(grades, name="grade")

__all__ = ["app"]
