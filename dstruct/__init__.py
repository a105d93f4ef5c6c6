"""Say what a picture should show: colours, notes, pointers, groups. Each call does nothing outside a recorded run.

    import dstruct
    dstruct.pointer(numbers, low, "low")
    pivot = dstruct.note(find_pivot(numbers), "pivot")

Every function returns the object it is about, so that it can be wrapped around an expression.
"""

from .pictures import blink, clear, color, group, hide, info, note, pointer, show

__all__ = ["blink", "clear", "color", "group", "hide", "info", "note", "pointer", "show"]
