/* Bytes of a terminal: up to 0xfe sequences that it is taught, with | between;
 * the rest is typed, 0xff being a pause. No byte makes more keys
 * than there is room for, and none is a control character of the second kind. */
#include "ui/keyseq.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void check(int key)
{
	assert(key > 0);
	assert(key < 0x80 || key > 0x9f);
	assert(key == K_ANSWER || key <= K_F1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size ? memchr(data, 0xfe, size) : NULL;
	size_t n = cut ? (size_t)(cut - data) : 0;
	char *taught = xstrndup((const char *)data, n), *at = taught, *word;
	struct keyseq k = {0};
	int out[KEYSEQ_OUT];

	while ((word = strsep(&at, "|")))
		keyseq_learn(&k, word, K_UP);
	for (size_t i = n; i < size; i++) {
		size_t made = data[i] == 0xff ? 0
			: keyseq_feed(&k, (char)data[i], out);

		assert(made <= KEYSEQ_OUT);
		for (size_t j = 0; j < made; j++)
			check(out[j]);
		if (data[i] == 0xff)
			keyseq_expire(&k);
	}
	free(taught);
	return 0;
}
