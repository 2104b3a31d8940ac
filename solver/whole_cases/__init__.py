"""Hindsight optima without a solver, where nothing but siblings limits who owns whom.

If siblings may be parted the least value of a norm is found exactly by giving child after child
(`relax`). Where the cases of the year can be packed into one of those optima, it is also the least
with siblings together, and that is its proof. For norms that are the figure of a single municipality
packing is decided exactly, so that the least value is found among all values. Where nothing is proven
nothing is said, and the integer program decides.
"""
