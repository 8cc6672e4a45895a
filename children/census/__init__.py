"""Census rounds: opened by the school, answered class by class, confirmed by the registrar, frozen (domain §5)."""
