"""The browsers: what they fetch, what each is sent, what they hold down, and which of them sounds."""
