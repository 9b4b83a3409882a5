BUTTON_TITLE=20
ROW_TITLE=24
def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
