#include "proto/amf0.h"

#include <assert.h>
#include <string.h>

#include "proto/bytes.h"

static bool walk(struct amf0 *a, struct amf0_value *out, unsigned depth);

static const uint8_t *take(struct amf0 *a, size_t n)
{
	const uint8_t *p = a->p;

	if (a->n < n)
		return NULL;
	a->p += n;
	a->n -= n;
	return p;
}

static bool take_text(struct amf0 *a, unsigned width, const char **s,
	size_t *len)
{
	const uint8_t *p = take(a, width);

	if (!p)
		return false;
	*len = width == 2 ? get_be16(p) : get_be32(p);
	p = take(a, *len);
	*s = (const char *)p;
	return p;
}

static double take_double(const uint8_t *p)
{
	uint64_t bits = get_be64(p);
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static bool walk_keys(struct amf0 *a, amf0_key_fn *on_key, void *ctx,
	unsigned depth)
{
	for (unsigned keys = 0; keys <= AMF0_KEYS_MAX; keys++) {
		struct amf0_value value;
		const char *key;
		size_t len;

		if (!take_text(a, 2, &key, &len))
			return false;
		if (!len && a->n && *a->p == AMF0_OBJECT_END)
			return take(a, 1);
		if (!walk(a, &value, depth + 1))
			return false;
		if (on_key)
			on_key(ctx, key, len, &value);
	}
	return false;
}

static bool walk_array(struct amf0 *a, unsigned depth)
{
	const uint8_t *p = take(a, 4);
	struct amf0_value value;
	uint32_t count;

	if (!p)
		return false;
	/* Each item takes a byte at least, which bounds the loop. */
	for (count = get_be32(p); count; count--) {
		if (!walk(a, &value, depth + 1))
			return false;
	}
	return true;
}

static bool walk(struct amf0 *a, struct amf0_value *out, unsigned depth)
{
	const uint8_t *p = take(a, 1);
	const char *class;
	size_t len;

	if (!p || depth > AMF0_DEPTH_MAX)
		return false;
	*out = (struct amf0_value){.type = (enum amf0_type)*p};
	switch (out->type) {
	case AMF0_NUMBER:
		if ((p = take(a, 8)))
			out->number = take_double(p);
		return p;
	case AMF0_BOOLEAN:
		if ((p = take(a, 1)))
			out->number = *p != 0;
		return p;
	case AMF0_DATE:
		if ((p = take(a, 10)))
			out->number = take_double(p);
		return p;
	case AMF0_STRING:
		return take_text(a, 2, &out->s, &out->len);
	case AMF0_LONG_STRING:
	case AMF0_XML:
		return take_text(a, 4, &out->s, &out->len);
	case AMF0_NULL:
	case AMF0_UNDEFINED:
	case AMF0_UNSUPPORTED:
		return true;
	case AMF0_REFERENCE:
		return take(a, 2);
	case AMF0_OBJECT:
		return walk_keys(a, NULL, NULL, depth);
	case AMF0_ECMA_ARRAY:
		/* The count is only a hint: the end marker decides. */
		return take(a, 4) && walk_keys(a, NULL, NULL, depth);
	case AMF0_TYPED_OBJECT:
		return take_text(a, 2, &class, &len) &&
		       walk_keys(a, NULL, NULL, depth);
	case AMF0_STRICT_ARRAY:
		return walk_array(a, depth);
	case AMF0_OBJECT_END:
		return false;
	}
	return false;
}

bool amf0_next(struct amf0 *a, struct amf0_value *out)
{
	struct amf0 was = *a;

	if (walk(a, out, 1))
		return true;
	*a = was;
	return false;
}

bool amf0_next_number(struct amf0 *a, double *out)
{
	struct amf0 was = *a;
	struct amf0_value v;

	if (amf0_next(a, &v) && v.type == AMF0_NUMBER) {
		*out = v.number;
		return true;
	}
	*a = was;
	return false;
}

bool amf0_next_string(struct amf0 *a, const char **s, size_t *len)
{
	struct amf0 was = *a;
	struct amf0_value v;

	if (amf0_next(a, &v) &&
		(v.type == AMF0_STRING || v.type == AMF0_LONG_STRING)) {
		*s = v.s;
		*len = v.len;
		return true;
	}
	*a = was;
	return false;
}

bool amf0_next_object(struct amf0 *a, amf0_key_fn *on_key, void *ctx)
{
	struct amf0 was = *a;
	const uint8_t *p = take(a, 1);
	bool ok = false;

	if (p && (*p == AMF0_NULL || *p == AMF0_UNDEFINED))
		ok = true;
	else if (p && *p == AMF0_OBJECT)
		ok = walk_keys(a, on_key, ctx, 1);
	else if (p && *p == AMF0_ECMA_ARRAY)
		ok = take(a, 4) && walk_keys(a, on_key, ctx, 1);
	if (!ok)
		*a = was;
	return ok;
}

bool amf0_is(const char *text, size_t len, const char *s)
{
	return strlen(s) == len && !memcmp(text, s, len);
}

void amf0_put_number(struct str *out, double number)
{
	uint64_t bits;
	uint8_t b[9] = {AMF0_NUMBER};

	memcpy(&bits, &number, sizeof(bits));
	put_be32(b + 1, (uint32_t)(bits >> 32));
	put_be32(b + 5, (uint32_t)bits);
	str_addn(out, b, sizeof(b));
}

void amf0_put_bool(struct str *out, bool value)
{
	str_addc(out, AMF0_BOOLEAN);
	str_addc(out, value);
}

void amf0_put_string(struct str *out, const char *text)
{
	str_addc(out, AMF0_STRING);
	amf0_put_key(out, text);
}

void amf0_put_null(struct str *out)
{
	str_addc(out, AMF0_NULL);
}

void amf0_put_object(struct str *out)
{
	str_addc(out, AMF0_OBJECT);
}

void amf0_put_key(struct str *out, const char *key)
{
	size_t len = strlen(key);
	uint8_t b[2];

	assert(len <= UINT16_MAX);
	put_be16(b, (uint32_t)len);
	str_addn(out, b, sizeof(b));
	str_addn(out, key, len);
}

void amf0_put_end(struct str *out)
{
	amf0_put_key(out, "");
	str_addc(out, AMF0_OBJECT_END);
}
