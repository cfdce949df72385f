"""
Exact results that the simulator has to hit.

`theory`, `birth_death`, `priorities` and `networks` hold closed forms, `sample_paths` the recursions for
given arrivals and services, `chains`, `tandems` and `yards` Markov chains solved by state, `transient` and
`daily_cycle` stations whose demand and roster change over the day. Everything is a function of values; a time
has the unit of one over the rates.
"""
