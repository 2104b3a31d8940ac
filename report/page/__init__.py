"""The report page: one HTML file with maps, charts and tables, that needs nothing but itself."""
