"""The projection: what all accepted observations say together, whatever the order in which they came."""
