"""What is true: the data model, the rules' definitions, the integer programs, and the checker.

Nothing here knows a solver or a file format.
"""
