"""What `antiphon` fetches to sound."""
