"""Several runs compared: how they are carried out, what came of each, and how that is measured."""
