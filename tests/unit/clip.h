#ifndef TESTS_UNIT_CLIP_H
#define TESTS_UNIT_CLIP_H
/* The media that tests work on: tests/data/clip-N.ts, two consecutive seconds
 * of 320x180 at 30 frames a second with AAC. See tests/data/README. */
#include "src/base/blob.h"

#include <stdio.h>
#include <stdlib.h>

#define CLIP_FRAMES 30
#define CLIP_WIDTH 320
#define CLIP_HEIGHT 180

static inline struct blob *clip(const char *path)
{
	FILE *f = fopen(path, "rb");
	long size;
	char *bytes;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) <= 0)
		abort();
	rewind(f);
	bytes = xmalloc((size_t)size);
	if (fread(bytes, 1, (size_t)size, f) != (size_t)size)
		abort();
	fclose(f);
	return blob_take(bytes, (size_t)size);
}

static inline struct blob *clip_ts(void)
{
	return clip("tests/data/clip-0.ts");
}
#endif
