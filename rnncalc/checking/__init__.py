"""Printed values against the right ones, and the mistakes that give what differs."""
