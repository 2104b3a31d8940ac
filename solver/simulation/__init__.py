"""Many random years: policies on the same arrivals, and what one municipality can expect."""
