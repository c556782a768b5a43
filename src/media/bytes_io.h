#ifndef SRC_MEDIA_BYTES_IO_H
#define SRC_MEDIA_BYTES_IO_H
/* Memory in the place of files, for FFmpeg's demuxers and muxers: a worker can
 * open nothing. Single-threaded. */
#include "src/media/ffmpeg_calls.h"

#include <stddef.h>
#include <stdint.h>

/* Reads and seeks in `data`, which must outlive it. NULL when out of memory. */
AVIOContext *bytes_reader_open(const uint8_t *data, size_t size);

struct bytes {
	uint8_t *data; /* free() */
	size_t size;
	size_t limit; /* writing past it fails with EFBIG */
	size_t cap, pos;
};
/* Writes and seeks in `b`, which must outlive it. */
AVIOContext *bytes_writer_open(struct bytes *b);
/* Reads what a writer has written so far, at its own position. */
AVIOContext *bytes_rereader_open(struct bytes *b);

void bytes_io_close(AVIOContext **io); /* any of them; sets NULL */
#endif
