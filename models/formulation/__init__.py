"""The optimal allocation of a year as an integer program (model, section 5).

Written once; every backend solves this one. It counts cases of a type, never single children.
"""
