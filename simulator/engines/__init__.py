"""Engines: each turns a network and drawn variates into a trace."""
