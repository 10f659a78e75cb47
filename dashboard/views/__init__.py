"""The dashboard's pages: each chooses, calls and shows."""
