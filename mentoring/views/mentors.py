"""The list of mentors: load, yearly check, particulars."""
