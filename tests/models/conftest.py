"""Import what models are made of as commands do: without torch's compiler, and in half the time."""

from wildframe.core.imports import import_uncompiled

for name in ("torchvision", "timm"):
    import_uncompiled(name)
