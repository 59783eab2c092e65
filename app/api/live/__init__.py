"""`/api/v1/live`: sessions of a portrait that talks or sings, and what it can do without one: reply, speak, read feelings.

Everything is done by the live process; here a request is checked, its session's owner too, and what comes back is put into the
visitor's words.
"""
