"""The web server under the application. Connections, bodies and answers are held without a thread; threads compute answers."""
