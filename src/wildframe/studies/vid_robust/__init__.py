"""Exhibits of *Do Image Classifiers Generalize Across Time?* and its first version."""
EXHIBITS = ()
