"""What the border would do: scenarios, engines, measures."""
