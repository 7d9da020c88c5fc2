"""Puts the plug-ins into the editors' profiles, takes them out again, and says what is broken."""
