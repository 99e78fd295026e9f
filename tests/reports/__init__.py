"""Reports: formats, rules, the command, the service, the pages."""
