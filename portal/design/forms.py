"""The form renderer: every field as the component `field`."""

from django.forms.renderers import TemplatesSetting


class CauceRenderer(TemplatesSetting):
    """Renders fields with our templates."""
