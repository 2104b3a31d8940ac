"""Items packed into bins by column generation: a backend for programs of that shape.

One column is one bin with the set of items it takes. Exact knapsacks price the columns in whole
numbers, so every bound is exact. Redistribution with one receiver is such a program; so is placement.
"""
