"""What a browser shows without a connection: a page of ours, kept by the service worker."""
