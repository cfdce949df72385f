"""Live state: what the projection says of each gate and direction now, with its band, its age and its quality."""
