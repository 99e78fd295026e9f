"""The media process: what talks to browsers over UDP. It knows no database and no person."""
