/* An answers file of `weir migrate`: whatever is in it, it is taken or refused,
 * and what was taken a configuration can hold. */
#include <stdlib.h>
#include <string.h>

#include "src/wizard/choices.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = xstrndup((const char *)data, n);
	struct config *config = config_new();
	struct choices c = {.n = 0};
	struct str lines = STR_INIT;
	struct migrate_wish wish;

	err_free(choices_read_text(&c, "answers", text));
	choices_flags(&c, &lines);
	if (config_read_text(config, "lines", str_cstr(&lines), lines.len))
		abort();
	choices_wish(&c, config, "https://o:1", &wish);
	str_clear(&lines);
	config_free(config);
	choices_clear(&c);
	free(text);
	return 0;
}
