"""Schools, children, parents and notes as a first attempt would model them."""
