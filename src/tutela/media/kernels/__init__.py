"""C++ kernels of PDQ."""
