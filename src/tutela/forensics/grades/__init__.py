"""Grades: what people decided about items, spread to exact copies, with undo, a second view and disputes."""
