#ifndef SRC_MEDIA_FFMPEG_H
#define SRC_MEDIA_FFMPEG_H
/* What every file here needs of FFmpeg: its error numbers as our errors, its
 * log lines as ours. Any thread, once it is loaded. */
#include "src/base/err.h"
#include "src/base/log.h"

/* FFmpeg comes into the process here and not before: the first thing a worker
 * does. Again: nothing happens. Errors name the library or function that is
 * missing and the package that has it. One thread, before there are others. */
struct err *ffmpeg_load(void) must_check;

/* ERR_MEDIA with av_strerror's text, which nodes compare letter by letter;
 * out of memory is ERR_LIMIT, since workers live under RLIMIT_AS. */
struct err *ffmpeg_err(int rc) must_check;
/* ERR_MEDIA with one of the wire's texts (lpms ffmpeg/ and FFmpeg's own). */
struct err *media_err(const char *wire_text) must_check;

/* FFmpeg's log hook is process-wide, and so is this. Lines of level warning
 * and worse go to `sink`, at most `budget` until the next call: damaged input
 * makes thousands. NULL: nothing is logged. */
void ffmpeg_log_to(void (*sink)(void *ctx, const char *line), void *ctx,
	int budget);
#endif
