/* Ladders in JSON: one that parses must be written and read back the same. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ladder_json.h"
#include "proto/rendition_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same of one in words. */
static void words(const char *text)
{
	struct str one = STR_INIT, two = STR_INIT;
	struct rendition a, b;
	struct err *e = rendition_text_parse(&a, text);

	if (!e) {
		rendition_text_write(&a, &one);
		e = rendition_text_parse(&b, one.s);
		assert(!e);
		rendition_text_write(&b, &two);
		assert(!strcmp(one.s, two.s));
	}
	err_free(e);
	str_clear(&one);
	str_clear(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct str one = STR_INIT, two = STR_INIT;
	struct ladder a, b;
	struct err *e = ladder_json_parse(&a, (const char *)data, size);

	if (!e) {
		ladder_json_write(&a, &one);
		e = ladder_json_parse(&b, one.s, one.len);
		assert(!e);
		ladder_json_write(&b, &two);
		assert(!strcmp(one.s, two.s));
	}
	err_free(e);
	err_free(ladder_option_parse(&a, text));
	words(text);
	str_clear(&one);
	str_clear(&two);
	free(text);
	return 0;
}
