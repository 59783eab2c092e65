"""The words of a song or a talk with their times: read, heard, aligned, written."""
