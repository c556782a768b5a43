#include "proto/wire_codec.h"

#include <stdlib.h>
#include <string.h>

#include "proto/rpc_codec.h"

#define DEPTH_MAX 32
/* Two bytes on the wire can cost a hundred in memory. */
#define FIELDS_MAX 65536
#define BAD_WIRE "proto: cannot parse invalid wire-format data"
#define BAD_UTF8 "proto: string field contains invalid UTF-8"

struct scan {
	size_t fields;
	unsigned depth;
};

static bool read_varint(const uint8_t **p, const uint8_t *end, uint64_t *out)
{
	*out = 0;
	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t b;

		if (*p == end)
			return false;
		b = *(*p)++;
		if (shift < 64)
			*out |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return true;
	}
	return false;
}

static const char *scan_message(struct scan *s,
	const ProtobufCMessageDescriptor *d, const uint8_t *p, size_t n);

static const char *scan_field(struct scan *s,
	const ProtobufCMessageDescriptor *d, unsigned number,
	const uint8_t *p, size_t n)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field(d, number);

	if (f && f->type == PROTOBUF_C_TYPE_STRING &&
		(!utf8_valid((const char *)p, n) || memchr(p, 0, n)))
		return BAD_UTF8;
	if (f && f->type == PROTOBUF_C_TYPE_MESSAGE)
		return scan_message(s, f->descriptor, p, n);
	return NULL;
}

static const char *scan_value(struct scan *s,
	const ProtobufCMessageDescriptor *d, uint64_t tag, const uint8_t **p,
	const uint8_t *end)
{
	uint64_t n;
	const char *bad;

	switch (tag & 7) {
	case 0:
		return read_varint(p, end, &n) ? NULL : BAD_WIRE;
	case 1:
		n = 8;
		break;
	case 2:
		if (!read_varint(p, end, &n))
			return BAD_WIRE;
		break;
	case 5:
		n = 4;
		break;
	default: /* groups: nobody sends them, protobuf-c cannot skip them */
		return BAD_WIRE;
	}
	if (n > (uint64_t)(end - *p))
		return BAD_WIRE;
	bad = (tag & 7) == 2 ?
		scan_field(s, d, (unsigned)(tag >> 3), *p, (size_t)n) : NULL;
	*p += n;
	return bad;
}

static const char *scan_message(struct scan *s,
	const ProtobufCMessageDescriptor *d, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;
	const char *bad = NULL;
	uint64_t tag;

	if (++s->depth > DEPTH_MAX)
		return BAD_WIRE;
	while (p < end && !bad) {
		if (++s->fields > FIELDS_MAX || !read_varint(&p, end, &tag) ||
			!(tag >> 3) || tag > UINT32_MAX)
			return BAD_WIRE;
		bad = scan_value(s, d, tag, &p, end);
	}
	s->depth--;
	return bad;
}

struct err *wire_unpack(ProtobufCMessage **out,
	const ProtobufCMessageDescriptor *d, const void *bytes, size_t n)
{
	static const uint8_t none[1];
	struct scan s = {0};
	const char *bad;

	*out = NULL;
	if (n > RPC_MESSAGE_MAX)
		return err_new(ERR_LIMIT, "message of %zu bytes, at most %u",
			n, RPC_MESSAGE_MAX);
	if (!n)
		bytes = none;
	bad = scan_message(&s, d, bytes, n);
	if (bad)
		return err_new(ERR_PROTOCOL, "%s", bad);
	*out = protobuf_c_message_unpack(d, NULL, n, bytes);
	return *out ? NULL : err_new(ERR_PROTOCOL, BAD_WIRE);
}

void wire_pack(const ProtobufCMessage *m, struct str *out)
{
	size_t n = protobuf_c_message_get_packed_size(m);

	str_reserve(out, n);
	out->len += protobuf_c_message_pack(m, (uint8_t *)out->s + out->len);
	out->s[out->len] = '\0';
}

char *wire_unconst(const char *s)
{
	union {
		const char *in;
		char *out;
	} u = {.in = s};

	return u.out;
}

ProtobufCBinaryData wire_bytes(const void *bytes, size_t n)
{
	union {
		const void *in;
		uint8_t *out;
	} u = {.in = bytes};

	return (ProtobufCBinaryData){.len = n, .data = u.out};
}

struct scratch_text {
	struct scratch_text *next;
	char *s;
};

char *wire_text(struct scratch *sc, const char *s)
{
	size_t n = strlen(s);
	struct scratch_text *t;
	struct str safe = STR_INIT;

	if (utf8_valid(s, n))
		return wire_unconst(s);
	str_add_safe(&safe, s, n, n);
	t = XNEW(struct scratch_text);
	t->s = str_take(&safe);
	t->next = sc->head;
	sc->head = t;
	return t->s;
}

void scratch_clear(struct scratch *sc)
{
	struct scratch_text *t;

	while ((t = sc->head)) {
		sc->head = t->next;
		free(t->s);
		free(t);
	}
}

struct err *wire_take_text(char *out, size_t size, const char *s,
	const char *what)
{
	size_t n = strlen(s);

	if (n >= size)
		return err_new(ERR_LIMIT, "%s of %zu bytes, at most %zu", what,
			n, size - 1);
	memcpy(out, s, n + 1);
	return NULL;
}

void wire_take_fixed(uint8_t *out, size_t size, ProtobufCBinaryData b)
{
	size_t n = b.len < size ? b.len : size;

	memset(out, 0, size);
	if (n)
		memcpy(out + size - n, b.data + b.len - n, n);
}
