"""
Simulations for people who wait: worker processes apart from the core, which never loads the simulator itself.

A kind of task is a file of `kinds/`. `runs.Runs` keeps what was asked for and what came of it, `pool.Pool` does it.
"""
