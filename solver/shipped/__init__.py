"""The shipped instances, made from published figures and seeds: ``python -m fordela.solver.shipped``.

They live in this room because a year's history is the rule in force replayed over the years before.
"""
