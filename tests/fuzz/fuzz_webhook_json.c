/* Answers of webhooks: the first byte selects which. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/webhook_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;
	struct discovered *list;
	struct stream_auth auth;
	char uri[URI_SIZE], again[URI_SIZE], *copy;
	struct err *e;
	size_t n, skipped;

	if (!size)
		return 0;
	size--;
	switch (*data & 3) {
	case 0:
		e = stream_auth_parse(&auth, text, size);
		assert(e || *auth.manifest);
		err_free(e);
		break;
	case 1:
		err_free(stream_config_parse(&auth, text, size));
		break;
	case 2:
		err_free(discovery_parse(&list, &n, &skipped, text, size));
		for (size_t i = 0; i < n; i++)
			assert(orchestrator_uri(uri, list[i].uri));
		free(list);
		break;
	case 3:
		copy = xstrndup(text, size);
		if (orchestrator_uri(uri, copy)) /* and again the same */
			assert(orchestrator_uri(again, uri) &&
				!strcmp(again, uri));
		free(copy);
		break;
	}
	return 0;
}
