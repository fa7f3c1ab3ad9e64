"""One file per command: a problem and a request -> text."""
