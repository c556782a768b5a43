#include "proto/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_RESERVE 512

static uint32_t add(struct http_head *h, const char *s, size_t n)
{
	size_t at = h->text.len;

	assert(!h->fields_n);
	str_addn(&h->text, s, n);
	str_addc(&h->text, '\0');
	h->fields = h->text.len;
	return at;
}

struct http_head *http_head_new(void)
{
	struct http_head *h = XNEW(struct http_head);

	str_reserve(&h->text, HEAD_RESERVE);
	add(h, "", 0); /* what every offset begins with */
	return h;
}

void http_head_free(struct http_head *h)
{
	if (!h)
		return;
	str_clear(&h->text);
	free(h);
}

void http_head_set_method(struct http_head *h, const char *method, size_t n)
{
	h->method = add(h, method, n);
}

void http_head_set_host(struct http_head *h, const char *host, size_t n)
{
	h->host = add(h, host, n);
	h->host_set = true;
}

void http_head_set_target(struct http_head *h, const char *target, size_t n)
{
	const char *end = target + n, *path = target, *path_end, *authority;

	/* The absolute form, as for proxies: its authority goes before the
	 * field Host (RFC 9112 3.2.2). */
	authority = *target == '/' ? NULL : memmem(target, n, "://", 3);
	if (authority) {
		authority += 3;
		for (path = authority; path < end; path++) {
			if (*path == '/' || *path == '?')
				break;
		}
		http_head_set_host(h, authority, path - authority);
	}
	path_end = memchr(path, '?', end - path);
	if (path_end)
		h->query = add(h, path_end + 1, end - path_end - 1);
	else
		path_end = end;
	if (path == path_end)
		path = "/", path_end = path + 1;
	h->path = add(h, path, path_end - path);
}

const char *http_head_method(const struct http_head *h)
{
	return h->text.s + h->method;
}

const char *http_head_path(const struct http_head *h)
{
	return h->text.s + h->path;
}

const char *http_head_query(const struct http_head *h)
{
	return h->text.s + h->query;
}

const char *http_head_host_name(const struct http_head *h)
{
	const char *host;

	if (h->host_set)
		return h->text.s + h->host;
	host = http_head_value(h, "host");
	return host ? host : "";
}

const char *http_head_value(const struct http_head *h, const char *name)
{
	const char *at = h->text.s + h->fields;

	for (unsigned i = 0; i < h->fields_n; i++) {
		const char *value = at + strlen(at) + 1;

		if (!strcasecmp(at, name))
			return value;
		at = value + strlen(value) + 1;
	}
	return NULL;
}

bool http_value_ok(const char *value)
{
	for (const char *p = value; *p; p++) {
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
			return false;
	}
	return true;
}
