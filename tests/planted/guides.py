"""The help of trips, and one more reason to write."""

GUIDES = (("viatico", "Cómo pido un viático", "Qué lleva y cuándo se paga.", "planted"),)
CONTACT_KINDS = (("trip", "Viaje"),)
