"""Every interpretation of a report: kept, counted, signed, made anew when a rule improves."""
