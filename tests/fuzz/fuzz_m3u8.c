/* Playlists with hostile names: no name may add a line or a tag. The input is
 * manifest, NUL, rendition. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/m3u8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t lines_of(const struct str *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->len; i++) {
		unsigned char c = (unsigned char)s->s[i];

		assert(c == '\n' || (c > 0x20 && c < 0x7f));
		n += c == '\n';
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct m3u8_segment seg = {.seq = 1, .duration_ms = 2000,
		.ext = ".ts", .discontinuity = true};
	char *names = xcalloc(size + 2, 1);
	const char *second;
	struct str s = STR_INIT;

	if (size)
		memcpy(names, data, size);
	second = names + strlen(names) + 1;
	if (second > names + size)
		second = "";
	m3u8_write_master(&s, &(struct m3u8_variant){.manifest = names,
		.rendition = second, .width = 1, .height = 1}, 1);
	assert(lines_of(&s) == 4);
	str_truncate(&s, 0);
	m3u8_write_media(&s, &(struct m3u8_media){.manifest = names,
		.rendition = second, .discontinuity_sequence = 1}, &seg, 1);
	assert(lines_of(&s) == 8);
	str_clear(&s);
	free(names);
	return 0;
}
