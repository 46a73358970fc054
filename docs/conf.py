"""Settings of Sphinx. It builds from a folder that `scripts/reference/site.py` puts together; `make docs` runs both."""

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

import tutela

# Pygments knows no HAProxy.
lexers["haproxy"] = TextLexer()

project = "Tutela"
author = "Tutela contributors"
copyright = "Tutela contributors, Apache-2.0"  # noqa: A001 - Sphinx's name
release = version = tutela.__version__
extensions = ["myst_parser", "sphinxcontrib.typer"]
root_doc = "index"
# Anchors of headings are those that GitHub gives.
myst_heading_anchors = 4
html_theme = "furo"
html_title = "Tutela"
html_copy_source = False
html_show_sourcelink = False
# Code blocks without a language are commands, answers and file layouts.
highlight_language = "none"
# The words of a page are found without a request to anywhere else.
html_search_language = "en"
