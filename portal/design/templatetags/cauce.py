"""Template tags and filters of the house: money, dates, icons."""

from django import template

register = template.Library()
