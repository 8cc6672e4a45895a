"""School and family: monthly feedback, letters, suggestions, what parents promised (domain §7.5, §8.5)."""
