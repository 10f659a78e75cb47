"""The recorded piano: fetched once, cut, kept in a folder, and served to the page where it is whole."""
