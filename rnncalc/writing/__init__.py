"""From a trace to text: for programs every digit, for eyes rounded and aligned."""
