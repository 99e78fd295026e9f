"""What a guest of a visit is shown of the record, as a piece of a page."""
