"""Going on after a stop: checkpoints that are whole, and all that a trainer knows beyond TRL's."""
