#ifndef PROTO_AMF0_H
#define PROTO_AMF0_H
/* AMF0, the value notation of RTMP commands and of onMetaData.
 * Source: Adobe "Action Message Format - AMF 0" (2007). Reading never
 * allocates and never copies: strings point into the bytes that were given,
 * carry no NUL and may hold anything. Nesting is followed to AMF0_DEPTH_MAX,
 * an object to AMF0_KEYS_MAX keys; what goes beyond is malformed. */
#include "src/base/str.h"

#define AMF0_DEPTH_MAX 16
#define AMF0_KEYS_MAX 512

enum amf0_type {
	AMF0_NUMBER = 0,
	AMF0_BOOLEAN = 1,
	AMF0_STRING = 2,
	AMF0_OBJECT = 3,
	AMF0_NULL = 5,
	AMF0_UNDEFINED = 6,
	AMF0_REFERENCE = 7,
	AMF0_ECMA_ARRAY = 8,
	AMF0_OBJECT_END = 9,
	AMF0_STRICT_ARRAY = 10,
	AMF0_DATE = 11,
	AMF0_LONG_STRING = 12,
	AMF0_UNSUPPORTED = 13,
	AMF0_XML = 15,
	AMF0_TYPED_OBJECT = 16,
};

/* A place in AMF0 bytes; begin with {bytes, size}. */
struct amf0 {
	const uint8_t *p;
	size_t n;
};
struct amf0_value {
	enum amf0_type type;
	double number; /* NUMBER, DATE; BOOLEAN as 0 or 1 */
	const char *s; /* STRING, LONG_STRING, XML */
	size_t len;
};

/* The next value. Containers are walked through and only their type is told.
 * False, and the place unchanged, when there is none or it is malformed. */
bool amf0_next(struct amf0 *a, struct amf0_value *out) must_check;
bool amf0_next_number(struct amf0 *a, double *out) must_check;
bool amf0_next_string(struct amf0 *a, const char **s, size_t *len) must_check;

/* Calls on_key for each key of the object or ECMA array that comes next;
 * null and undefined count as an empty one. */
typedef void amf0_key_fn(void *ctx, const char *key, size_t len,
	const struct amf0_value *value);
bool amf0_next_object(struct amf0 *a, amf0_key_fn *on_key, void *ctx)
	must_check;

/* True if the text is exactly s. */
bool amf0_is(const char *text, size_t len, const char *s);

void amf0_put_number(struct str *out, double number);
void amf0_put_bool(struct str *out, bool value);
void amf0_put_string(struct str *out, const char *text); /* < 64 KiB */
void amf0_put_null(struct str *out);
void amf0_put_object(struct str *out); /* then key, value, ... and: */
void amf0_put_key(struct str *out, const char *key);
void amf0_put_end(struct str *out);
#endif
