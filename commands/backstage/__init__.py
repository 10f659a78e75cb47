"""The subcommands around a performance: the doctor before it, the takes after it."""
