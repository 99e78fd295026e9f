"""Reports that came as a PDF or a photo, typed by a person and labelled so everywhere."""
