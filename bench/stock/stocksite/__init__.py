"""Settings, addresses and entry of the stock project."""
