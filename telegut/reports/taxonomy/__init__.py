"""Names of microbes across databases and years: which two are certainly one group, and which are not."""
