"""How many films a site makes: what one film takes of every resource, a model of many workers, and both held against runs."""
