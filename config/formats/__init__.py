"""How dates are typed here: Django's formats of a language, where ours differ."""
