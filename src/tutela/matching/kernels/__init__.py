"""C++ kernels of the Hamming search."""
