"""Items of a case: camera facts, signs of encryption, classes, and the order in which unknown items are shown."""
