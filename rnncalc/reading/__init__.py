"""From text to numbers: flags and files -> a `Problem`, or an error with its place."""
