"""Between the performer and whoever answers: desks, what they let through, and who takes over from whom."""
