"""The phone assistant: generated rows of one world, which the demo trains on."""
