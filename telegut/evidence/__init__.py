"""What studies found, how sure that is and which words it allows; the pages that teach it."""
