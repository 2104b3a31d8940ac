"""Distances between municipalities: great circle, R = 6371 km, nearest whole kilometre."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from fordela.models.errors import InputError, Problem
from fordela.models.instance import Municipality

EARTH_RADIUS_KM = 6371


def known_kilometres(left: Municipality, right: Municipality) -> int | None:
    """Distance in whole kilometres, or None if a coordinate is missing."""
    if None in (left.latitude, left.longitude, right.latitude, right.longitude):
        return None
    return kilometres(left, right)


def kilometres(left: Municipality, right: Municipality) -> int:
    """Distance in whole kilometres.

    Raises
    ------
    InputError
        If a coordinate is missing.
    """
    points = []
    for m in (left, right):
        if m.latitude is None or m.longitude is None:
            column = "lat" if m.latitude is None else "lon"
            message = f"{m.code} {m.name} needs coordinates: the level 'distance' uses them"
            raise InputError([Problem("municipalities.csv", message, column=column, value="")])
        points.append((radians(float(m.latitude)), radians(float(m.longitude))))
    (lat1, lon1), (lat2, lon2) = points
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return int(2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(h))) + 0.5)
