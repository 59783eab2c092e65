"""DEITalk: emotion whose strength changes from moment to moment, learned from people who speak with feeling."""
