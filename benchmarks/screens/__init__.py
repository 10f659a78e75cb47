"""What is looked at: the page's roll and the dashboard's pages."""
