"""From results to text: every digit for programs, rounded and aligned for people."""
