/* A config file of any bytes: read or refused, and what was read is sound. */
#include <stdint.h>
#include <stdlib.h>

#include "src/node/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c = config_new();
	struct str report = STR_INIT;
	struct err *e = config_read_text(c, "file", (const char *)data, size);

	err_free(e);
	err_free(config_check(c));
	config_report(c, &report);
	str_clear(&report);
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (option_get(i)->type == OPTION_LIST)
			free(config_item(c, i, 1));
	free(config_datadir(c));
	config_free(c);
	return 0;
}
