"""The team's inbox as a page: what is listed, in which group, by which filter; and urgent messages nobody has read."""
