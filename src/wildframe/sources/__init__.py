"""Station 1: a publisher's own files, read and normalised; nothing is filtered here."""

from wildframe.core.source import SourceSettings

__all__ = ["media_of"]


def media_of(source: SourceSettings) -> list[str]:
    """Return a source's videos, or folders of images, as paths under its root.

    Quick, for the planning of a run: videos are named by the annotations and may be absent; folders
    of images are listed.

    Raises:
        UserError: There are no annotations that name the videos.
    """
    # Imported here, since every command imports this package.
    from wildframe.sources import ego4d, vid, videos, ytbb

    if isinstance(source, ego4d.Ego4dSource):
        return sorted(ego4d.annotated_media(source))
    if isinstance(source, videos.VideosSource):
        return videos.media(source)
    if isinstance(source, vid.VidSource):
        return vid.media(source)
    assert isinstance(source, ytbb.YtbbSource), source.kind  # noqa: S101
    return ytbb.media(source)
