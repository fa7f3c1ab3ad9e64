"""The mathematics: activations, the network, and running it. Imports NumPy and nothing above."""
