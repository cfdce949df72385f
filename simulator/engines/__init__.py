"""Engines: each turns a network and the draws of a replication into a trace; all give the same one."""
