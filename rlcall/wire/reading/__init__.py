"""Reading text: what the wire formats share."""
