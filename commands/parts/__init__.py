"""What subcommands are put together from: options, refusals, files of tokens, a model file to judge."""
