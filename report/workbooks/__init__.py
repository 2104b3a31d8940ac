"""Workbooks for people: sheets by county, sums that must stay, cells to fill in."""
