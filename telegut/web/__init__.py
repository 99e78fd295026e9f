"""The HTTP floor: endpoints and OpenAPI, problems, pages, sockets, identity."""
