/* Addresses as strangers and operators write them: stream paths, manifest ids,
 * percent encoding, host and port, orchestrator URIs. */
#include "proto/webhook_json.h"
#include "src/net/net.h"
#include "src/role/stream_path.h"

#include <stdlib.h>
#include <string.h>

/* What comes out names one directory, and not the one above. */
static void check_path(const char *text)
{
	struct stream_path p;
	struct err *e = stream_path_parse(&p, text);

	if (!e && (strchr(p.manifest, '/') || strstr(p.manifest, "..")))
		abort();
	if (!e && *p.manifest) {
		e = manifest_check(p.manifest);
		if (e)
			abort();
	}
	err_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	char plain[512], host[256], uri[URI_SIZE];
	unsigned port;

	check_path(text);
	if (percent_decode(plain, sizeof(plain), text))
		check_path(plain);
	if (address_split(text, host, &port) && port > 65535)
		abort();
	if (orchestrator_uri(uri, text) && strncmp(uri, "http", 4))
		abort();
	free(text);
	return 0;
}
