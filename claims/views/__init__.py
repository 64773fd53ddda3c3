"""Pages of claims: filing, following, deciding."""
