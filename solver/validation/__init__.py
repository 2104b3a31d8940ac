"""How good a reading of the rule is: published figures beside what the model draws (section 11)."""
