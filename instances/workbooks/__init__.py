"""Workbooks: instances and results as .xlsx files, and whatever layout others send shares in."""
