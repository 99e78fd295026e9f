"""Media over TCP, for networks that let no UDP through: the same port number, the same keys, one connection each."""
