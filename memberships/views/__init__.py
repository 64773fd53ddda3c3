"""The pages of memberships: the family's, the desk's, and everybody's."""
