#include "src/role/stream_path.h"

#include <stdio.h>
#include <string.h>

#include "src/base/str.h"

static const char *skip_prefix(const char *s, const char *prefix)
{
	return str_has_prefix(s, prefix) ? s + strlen(prefix) : s;
}

struct err *manifest_check(const char *name)
{
	struct err *e = NULL;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		e = err_new(ERR_INVALID, "manifest id \"%s\" names no stream",
			name);
	else if (strlen(name) >= MANIFEST_SIZE)
		e = err_new(ERR_LIMIT, "manifest id of %zu bytes: at most %d",
			strlen(name), MANIFEST_SIZE - 1);
	else if (!utf8_valid(name, strlen(name)) ||
		strpbrk(name, "/\\?#%\"<>") || strstr(name, ".."))
		e = err_new(ERR_INVALID, "a manifest id holds none of "
			"/ \\ ? # %% \" < > .. and is UTF-8");
	for (const char *c = name; !e && *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			e = err_new(ERR_INVALID,
				"control character in a manifest id");
	}
	return e;
}

struct err *stream_path_parse(struct stream_path *out, const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	size_t n = dot && (!slash || dot > slash) ? (size_t)(dot - path)
		: strlen(path);
	const char *end = path + n, *name = path, *key;

	*out = (struct stream_path){0};
	while (name < end && (*name == ' ' || *name == '/'))
		name++;
	name = skip_prefix(skip_prefix(name, "stream/"), "live/");
	if (name >= end)
		return NULL;
	key = memchr(name, '/', (size_t)(end - name));
	n = (size_t)((key ? key : end) - name);
	if (n >= sizeof(out->manifest) ||
		(key && (size_t)(end - key) > sizeof(out->key)))
		return err_new(ERR_LIMIT, "stream name of %zu bytes: at most "
			"%d", (size_t)(end - name), MANIFEST_SIZE - 1);
	snprintf(out->manifest, sizeof(out->manifest), "%.*s", (int)n, name);
	if (key)
		snprintf(out->key, sizeof(out->key), "%.*s",
			(int)(end - key - 1), key + 1);
	if (!*out->manifest)
		*out = (struct stream_path){0};
	return *out->manifest ? manifest_check(out->manifest) : NULL;
}
