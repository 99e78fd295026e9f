"""telegut: the place a patient and a care team share before, during and after a visit."""

__version__ = "0.1.0"
