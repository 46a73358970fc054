"""Identity vault of the support desk: the node keeps ciphertext, members' hardware keys open it in their browsers."""
