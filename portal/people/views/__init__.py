"""Screens of people: coming in, one's own account, one's team."""
