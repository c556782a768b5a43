/* A config file of any bytes, and one change to it: the first line is the change,
 * "name value" or "name" to take it out, the rest is the file. */
#include <stdint.h>

#include "tests/fuzz/rewrite_law.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *end = size ? memchr(text, '\n', size) : NULL;
	size_t n = end ? (size_t)(end - text) : size;
	char *line = xstrndup(text, n), *value = strchr(line, ' ');
	const struct option *o;
	struct option_value ignored;
	struct err *e = NULL;

	if (value)
		*value++ = '\0';
	o = option_find(line);
	if (o && value)
		e = option_parse(o, value, &ignored);
	if (o && !e && o->id != OPT_CONFIG && end)
		law_holds(end + 1, size - n - 1, o->id, value);
	err_free(e);
	free(line);
	return 0;
}
