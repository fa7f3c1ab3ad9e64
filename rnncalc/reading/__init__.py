"""From text to numbers: what a person wrote becomes a `Problem`, or an error that names the place."""
