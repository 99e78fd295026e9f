"""Live notes: who has one open in this process, and how what they type reaches the log and each other; see `live`."""
