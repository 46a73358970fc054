"""Public texts: safety-critical sentences in a language in which they were reviewed, and dates."""

from __future__ import annotations

from datetime import date

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tutela.casework.public_languages import catalogue, names

register = template.Library()


@register.tag
def spoken(parser: Parser, token: Token) -> SpokenNode:
    """A translated sentence that is shown in a language only after its review, else in English, marked as such."""
    nodes = parser.parse(("endspoken",))
    parser.delete_first_token()
    return SpokenNode(nodes)


class SpokenNode(Node):
    """One `translate` or `blocktranslate` tag between `spoken` and `endspoken`."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        wanted = catalogue.known(translation.get_language())
        shown = catalogue.say(wanted, catalogue.by_sentence()[self.sentence()], drafts=settings.DEMO)
        with translation.override(shown.language):
            said = self.nodelist.render(context).strip()
        draft = mark_safe(' class="draft"') if shown.draft else ""
        # Rendered by Django's own tags, which escape their values.
        text = mark_safe(said)  # noqa: S308
        return format_html('<span lang="{}" dir="{}"{}>{}</span>', shown.language, shown.direction, draft, text)

    def sentence(self) -> str:
        """The source sentence of the tag inside."""
        for node in self.nodelist:
            if isinstance(node, TranslateNode):
                return _literal(node.filter_expression)
            if isinstance(node, BlockTranslateNode):
                found: str = node.render_token_list(node.singular)[0]
                return found
        raise template.TemplateSyntaxError("A translated sentence is missing between spoken and endspoken.")


def _literal(expression: FilterExpression) -> str:
    return str(expression.var.literal)


@register.filter(expects_localtime=True)
def day(at: date) -> str:
    """A date as the language of the page writes it."""
    return names.day(catalogue.known(translation.get_language()), at)
