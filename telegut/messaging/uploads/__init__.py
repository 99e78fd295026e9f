"""Files in messages: taken by content, scanned, made anew, sealed, and served to those who take part."""
