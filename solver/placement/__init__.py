"""Homes for a year's cases: by vacancy, for given municipalities, or together with them."""
