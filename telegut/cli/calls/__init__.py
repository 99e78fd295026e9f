"""What benches of calls share: callers that speak ICE, DTLS and SRTP, the servers they call, what those cost."""
