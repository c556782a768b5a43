"""A player's view of a stream."""
import re

import curl
import media


def renditions(master_url):
    """{name: (media playlist URL, bandwidth, (width, height))}."""
    answer = curl.get(master_url)
    if answer.status != 200:
        return {}
    base = master_url.rsplit("/", 1)[0]
    found, info = {}, ""
    for line in answer.text.splitlines():
        if line.startswith("#EXT-X-STREAM-INF:"):
            info = line
        elif line and not line.startswith("#"):
            name = line.rsplit("/", 1)[1].removesuffix(".m3u8")
            size = re.search(r"RESOLUTION=(\d+)x(\d+)", info)
            rate = re.search(r"BANDWIDTH=(\d+)", info)
            found[name] = (f"{base}/{line}", int(rate.group(1)) if rate else 0,
                           tuple(map(int, size.groups())) if size else None)
    return found


def playlist(url):
    """[(sequence number, duration, segment URL)] of a media playlist."""
    answer = curl.get(url)
    if answer.status != 200:
        return []
    origin = "/".join(url.split("/", 3)[:3])
    found, duration = [], 0.0
    for line in answer.text.splitlines():
        if line.startswith("#EXTINF:"):
            duration = float(line[8:].split(",")[0])
        elif line and not line.startswith("#"):
            where = line if "://" in line else \
                origin + line if line.startswith("/") else \
                url.rsplit("/", 1)[0] + "/" + line
            number = int(re.search(r"(\d+)\.\w+$", line).group(1))
            found.append((number, duration, where))
    return found


class Recorder:
    """Keeps each segment of each rendition that ever was in a playlist."""

    def __init__(self, master_url):
        self.master = master_url
        self.segments = {}  # name -> {sequence number: (duration, bytes)}
        self.promised = {}  # name -> (width, height)

    def look(self):
        for name, (url, _rate, size) in renditions(self.master).items():
            self.promised[name] = size
            kept = self.segments.setdefault(name, {})
            for number, duration, where in playlist(url):
                if number in kept:
                    continue
                answer = curl.get(where)
                if answer.status == 200:
                    kept[number] = (duration, answer.body)
        return self

    def count(self, name):
        return len(self.segments.get(name, {}))

    def joined(self, name):
        kept = self.segments[name]
        return b"".join(kept[n][1] for n in sorted(kept))

    def probe(self, name):
        return media.probe(self.joined(name))
