"""`{% load once %}{% once_key %}`: the hidden field that makes sending a form twice harmless."""

from __future__ import annotations

from django import template
from django.utils.html import format_html

from portal.once import rules, services

register = template.Library()


@register.simple_tag
def once_key() -> str:
    """A hidden field with a fresh key; a page shown again after a refusal gets a new one."""
    return format_html('<input type="hidden" name="{}" value="{}">', rules.FIELD, services.new_key())
