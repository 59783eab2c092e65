"""Following one request through all processes: its id in every line of the logs, and traces of what took how long."""
