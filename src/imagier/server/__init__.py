"""The server: named models answer over HTTP, on this machine unless told otherwise.

`running` starts it, `application` holds its addresses, `gateway` stands before them, `service`
answers, `decoder_pool` has pictures decoded by processes that may be killed. Nothing is imported
here: a decoder starts with this room, and must start soon and stay small.
"""

__all__: list[str] = []
