"""RTMP publishers from two families: FFmpeg's own, and librtmp, which OBS and
GStreamer's rtmpsink carry."""
import ctypes
import subprocess

import media


def ffmpeg(url, seconds, *, realtime=True, extra=(), inputs=None, encode=None):
    """A running ffmpeg that publishes moving pictures to url."""
    return subprocess.Popen(
        ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin",
         *(["-re"] if realtime else []),
         *(inputs or media.source(seconds)), *(encode or media.ENCODE),
         *extra, "-f", "flv", url],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)


def librtmp(url, flv):
    """Publishes the bytes of an FLV file, as fast as the peer takes them.
    Raises OSError when refused."""
    lib = ctypes.CDLL("librtmp.so.1")
    lib.RTMP_Alloc.restype = ctypes.c_void_p
    for name in ("RTMP_Init", "RTMP_EnableWrite", "RTMP_Close", "RTMP_Free"):
        getattr(lib, name).argtypes = [ctypes.c_void_p]
    lib.RTMP_SetupURL.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    lib.RTMP_Connect.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    lib.RTMP_ConnectStream.argtypes = [ctypes.c_void_p, ctypes.c_int]
    lib.RTMP_Write.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    lib.RTMP_LogSetLevel.argtypes = [ctypes.c_int]
    lib.RTMP_LogSetLevel(0)
    rtmp = lib.RTMP_Alloc()
    text = ctypes.create_string_buffer(url.encode())  # librtmp writes into it
    try:
        lib.RTMP_Init(rtmp)
        if not lib.RTMP_SetupURL(rtmp, text):
            raise OSError("librtmp: bad URL")
        lib.RTMP_EnableWrite(rtmp)
        if not lib.RTMP_Connect(rtmp, None):
            raise OSError("librtmp: cannot connect")
        if not lib.RTMP_ConnectStream(rtmp, 0):
            raise OSError("librtmp: publish refused")
        at = 0
        while at < len(flv):
            # Whole tags, the file's head with the first: librtmp reads past
            # a piece that ends within a head.
            head = at or 13
            size = head - at + 15 + \
                int.from_bytes(flv[head + 1:head + 4], "big")
            piece = flv[at:at + size]
            done = lib.RTMP_Write(rtmp, piece, len(piece))
            if done <= 0:
                raise OSError("librtmp: the peer hung up")
            at += done
    finally:
        lib.RTMP_Close(rtmp)
        lib.RTMP_Free(rtmp)
