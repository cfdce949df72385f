"""Measures: each turns traces into a named result with a unit."""
