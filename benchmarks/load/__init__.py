"""Many jobs, many people, many hours: whether anything is lost, doubled, unfair, or grows."""
