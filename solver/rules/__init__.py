"""Rules that are asked case by case (`models.rules`): those with a forecast, and one's own."""
