"""The check before a visit over the real path: out to our forwarder and back, through the relay where there is one."""
