"""The HTTP side: one router a noun. `rules` says who may do what; a route without a row there is refused."""
