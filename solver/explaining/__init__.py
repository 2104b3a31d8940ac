"""Why a case or a municipality got what it got, and what would have had to be different.

Nothing is guessed: what would have been is found by solving the year again.
"""
