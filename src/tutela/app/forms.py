"""How forms look: Django's own accessible div layout, from our template."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Renders a form with a label, help and errors tied to each field."""

    form_template_name = "django/forms/div.html"
