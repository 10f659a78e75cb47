"""What subcommands are put together from: options with one name for one meaning, refusals in one line, files of tokens, a model file to judge."""
