"""What people see: templates, styles, scripts, words and pictures. Files only; the monitor serves them."""
