"""Placement (model, section 8): who may live where, for how long, and what that is worth."""
