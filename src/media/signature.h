#ifndef SRC_MEDIA_SIGNATURE_H
#define SRC_MEDIA_SIGNATURE_H
/* The MPEG-7 video signature of a rendition ("perceptual hash"), by FFmpeg's
 * signature filter, in its binary form. The filter insists on writing to a
 * path: the caller gives one that leads to memory, /proc/self/fd/N of a memfd
 * (the sandbox lets exactly these be opened). Single-threaded. */
#include "src/base/err.h"
#include "src/media/ffmpeg_calls.h"

struct signature;

/* `like`: the first frame, `path`: see above. */
struct err *signature_open(struct signature **out, const AVFrame *like,
	AVRational time_base, const char *path) must_check;
void signature_free(struct signature *s); /* NULL ok */
/* The frame stays the caller's. */
struct err *signature_feed(struct signature *s, const AVFrame *frame)
	must_check;
/* The signature is at `path` after this. */
struct err *signature_end(struct signature *s) must_check;
#endif
