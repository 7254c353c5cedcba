"""Checkers of the notebooks' exercises: each says in words what is right or not yet, and never raises."""
