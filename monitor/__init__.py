"""What the border is doing, and who must know."""
