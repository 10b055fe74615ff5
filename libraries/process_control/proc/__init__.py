"""Files of the kernel, one module for each and named by it: what stands in it, as data. No decision is made here.

Each reader takes the root of the tree, so that a made-up one can be read in tests.
"""
