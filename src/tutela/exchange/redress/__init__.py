"""Wire formats of redress: a reversal to an earlier recipient, and the recipient's answer."""
