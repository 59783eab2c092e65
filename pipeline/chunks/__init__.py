"""One film drawn in parts by several workers, on one machine or many, and joined without encoding again."""
