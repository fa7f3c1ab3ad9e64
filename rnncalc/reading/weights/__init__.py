"""Files of weights: bytes -> named arrays -> a description of a network -> a Network.

Nothing in such a file is ever run. This room is imported when weights are asked for, and only then.
"""
