"""Messages that are written now and sent later."""
