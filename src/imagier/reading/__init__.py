"""Reading lines of characters: post codes, amounts, captchas."""

__all__: list[str] = []
