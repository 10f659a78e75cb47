"""The subcommand that makes one file of chosen models, to send."""
