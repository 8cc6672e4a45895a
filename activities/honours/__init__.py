"""评优表彰: rounds and their acts, what the records say about a candidate, the papers (domain §6.3, §13 no. 92)."""
