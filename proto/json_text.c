#include "proto/json_text.h"

#include <string.h>
#include <strings.h>

/* jansson would go 2048 levels down the stack. */
static bool is_too_deep(const char *text, size_t n)
{
	unsigned depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < n; i++) {
		if (in_string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_string = false;
		} else if (text[i] == '"') {
			in_string = true;
		} else if (text[i] == '[' || text[i] == '{') {
			if (++depth > JSON_DEPTH_MAX)
				return true;
		} else if ((text[i] == ']' || text[i] == '}') && depth) {
			depth--;
		}
	}
	return false;
}

struct err *json_load(json_t **out, const char *text, size_t n, size_t max)
{
	struct str safe = STR_INIT;
	json_error_t at;
	struct err *e;

	*out = NULL;
	if (n > max)
		return err_new(ERR_LIMIT, "JSON of %zu bytes, at most %zu", n,
			max);
	if (is_too_deep(text, n))
		return err_new(ERR_LIMIT, "JSON nested deeper than %d",
			JSON_DEPTH_MAX);
	*out = json_loadb(text, n, JSON_DECODE_ANY, &at);
	if (*out)
		return NULL;
	str_add_safe(&safe, at.text, strlen(at.text), sizeof(at.text));
	e = err_new(ERR_INVALID, "%s (line %d, column %d)", str_cstr(&safe),
		at.line, at.column);
	str_clear(&safe);
	return e;
}

json_t *json_member(const json_t *object, const char *key)
{
	/* jansson's iterators ask for a pointer without const. */
	union {
		const json_t *in;
		json_t *out;
	} u = {.in = object};
	json_t *found = NULL;

	for (void *i = json_object_iter(u.out); i;
		i = json_object_iter_next(u.out, i)) {
		if (!strcasecmp(json_object_iter_key(i), key))
			found = json_object_iter_value(i);
	}
	return json_is_null(found) ? NULL : found;
}

static struct err *wrong_type(const char *key, const char *want)
{
	return err_new(ERR_INVALID, "%s: not %s", key, want);
}

struct err *json_take_text(const json_t *object, const char *key, char *out,
	size_t size)
{
	const json_t *v = json_member(object, key);
	size_t n;

	if (!v)
		return NULL;
	if (!json_is_string(v))
		return wrong_type(key, "a string");
	n = json_string_length(v);
	if (n >= size)
		return err_new(ERR_LIMIT, "%s: %zu bytes, at most %zu", key, n,
			size - 1);
	memcpy(out, json_string_value(v), n + 1);
	return NULL;
}

struct err *json_take_int(const json_t *object, const char *key, int64_t min,
	int64_t max, int64_t *out)
{
	const json_t *v = json_member(object, key);

	if (!v)
		return NULL;
	if (!json_is_integer(v))
		return wrong_type(key, "an integer");
	if (json_integer_value(v) < min || json_integer_value(v) > max)
		return err_new(ERR_INVALID,
			"%s: %lld is not within %lld and %lld", key,
			(long long)json_integer_value(v), (long long)min,
			(long long)max);
	*out = json_integer_value(v);
	return NULL;
}

struct err *json_take_bool(const json_t *object, const char *key, bool *out)
{
	const json_t *v = json_member(object, key);

	if (!v)
		return NULL;
	if (!json_is_boolean(v))
		return wrong_type(key, "true or false");
	*out = json_is_true(v);
	return NULL;
}
