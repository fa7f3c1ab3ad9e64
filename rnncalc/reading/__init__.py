"""From text to numbers: what a person wrote -> a `Problem`, or an error with the place."""
