"""What trained networks hear: encoders of speech that several rooms listen through."""
