"""What people said who listened: analyses of listening tests, read and drawn."""
