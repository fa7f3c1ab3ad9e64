"""Marking somebody's figures against the right ones, and naming what would have given them."""
