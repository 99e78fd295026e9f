"""CalDAV for reading: RFC 4791, as much of it as calendars need to subscribe to one's visits."""
