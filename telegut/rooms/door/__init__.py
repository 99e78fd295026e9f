"""The door of the room: who waits, who is let in, sent back or out, hands, and telling whoever should open."""
