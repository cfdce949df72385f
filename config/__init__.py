"""What the border is: gates, calendars, demand, and the checks that keep them honest."""
