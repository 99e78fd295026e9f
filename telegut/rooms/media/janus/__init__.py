"""
Janus in the place of our own forwarder: the same questions, answered by its videoroom plugin.

`client` speaks Janus's WebSocket interface, `videoroom` the plugin's requests, `adapter` answers what web asks.
"""
