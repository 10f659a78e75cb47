"""The subcommands of `antiphon`, a file each, and what they share: the only room that joins the others."""
