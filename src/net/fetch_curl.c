#include "src/net/fetch_curl.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

static char *copy(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = patient_malloc(n);

	return p ? memcpy(p, s, n) : NULL;
}

void fetch_curl_start(void)
{
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, patient_malloc, free,
		    patient_realloc, copy, patient_calloc))
		abort();
}
