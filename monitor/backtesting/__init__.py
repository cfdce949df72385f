"""
Rules held against what is known: their cases, days that were recorded, days that were simulated.

Nothing here runs in the service's own process: a replay reads a store beside whoever leads it, or needs none at all.
"""
