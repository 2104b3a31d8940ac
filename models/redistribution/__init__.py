"""Redistribution as a decision (model, section 6): who hands how much share to whom."""
