"""The subcommands of `antiphon`, a file each: the only room that joins the others."""
