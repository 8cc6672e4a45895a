"""Figures and facts as frozen data: query, then dataclass, then page or paper. Templates cannot reach the database."""
