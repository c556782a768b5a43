#include "proto/rlp.h"

#include <string.h>

#define STRING 0x80
#define LIST 0xc0
#define SHORT_MAX 55
#define LONG_STRING (STRING + SHORT_MAX) /* 0xb7 + bytes of the length */
#define LONG_LIST (LIST + SHORT_MAX)

/* --- writing --- */

static void add_head(struct str *out, uint8_t base, size_t n)
{
	uint8_t be[U256_SIZE];
	size_t width;

	if (n <= SHORT_MAX) {
		str_addc(out, (char)(base + n));
		return;
	}
	width = u256_to_min_be(be, u256_from(n));
	str_addc(out, (char)(base + SHORT_MAX + width));
	str_addn(out, be, width);
}

void rlp_add_bytes(struct str *out, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	if (n != 1 || p[0] >= STRING)
		add_head(out, STRING, n);
	if (n)
		str_addn(out, bytes, n);
}

void rlp_add_uint(struct str *out, struct u256 v)
{
	uint8_t be[U256_SIZE];

	rlp_add_bytes(out, be, u256_to_min_be(be, v));
}

void rlp_add_u64(struct str *out, uint64_t v)
{
	rlp_add_uint(out, u256_from(v));
}

void rlp_add_list(struct str *out, const struct str *items)
{
	add_head(out, LIST, items->len);
	str_addn(out, str_cstr(items), items->len);
}

/* --- reading --- */

void rlp_in_init(struct rlp_in *in, const void *bytes, size_t n)
{
	in->p = bytes;
	in->end = in->p + n;
	in->fault = NULL;
}

bool rlp_more(const struct rlp_in *in)
{
	return !in->fault && in->p < in->end;
}

static size_t left(const struct rlp_in *in)
{
	return (size_t)(in->end - in->p);
}

static bool fault(struct rlp_in *in, const char *what)
{
	if (!in->fault)
		in->fault = what;
	return false;
}

/* A length of `width` bytes, which could not have been written shorter. */
static bool get_length(struct rlp_in *in, size_t width, size_t *n)
{
	if (width > left(in))
		return fault(in, "cut short");
	if (width > sizeof(uint32_t))
		return fault(in, "longer than can be");
	if (!in->p[0])
		return fault(in, "a length with a leading zero");
	*n = 0;
	for (size_t i = 0; i < width; i++)
		*n = *n << 8 | *in->p++;
	return *n > SHORT_MAX ||
		fault(in, "a long length for a short item");
}

/* The head of an item: its payload begins at in->p and has n bytes. */
static bool get_head(struct rlp_in *in, bool *list, size_t *n)
{
	uint8_t first;

	if (!rlp_more(in))
		return fault(in, "cut short");
	first = *in->p;
	*list = first >= LIST;
	*n = 1;
	if (first < STRING) /* is its own payload */
		return true;
	in->p++;
	if (*list ? first > LONG_LIST : (first > LONG_STRING)) {
		if (!get_length(in, first - (*list ? LONG_LIST : LONG_STRING),
			    n))
			return false;
	} else {
		*n = first - (*list ? LIST : STRING);
	}
	if (*n > left(in))
		return fault(in, "cut short");
	if (!*list && *n == 1 && first == STRING + 1 && *in->p < STRING)
		return fault(in, "a head before a single byte");
	return true;
}

static bool get_item(struct rlp_in *in, bool want_list, const uint8_t **p,
	size_t *n)
{
	bool list;

	*p = in->end;
	if (!get_head(in, &list, n)) {
		*n = 0;
		return false;
	}
	if (list != want_list) {
		*n = 0;
		return fault(in, want_list ? "no list where one belongs" :
			"a list where none belongs");
	}
	*p = in->p;
	in->p += *n;
	return true;
}

void rlp_get_bytes(struct rlp_in *in, const uint8_t **p, size_t *n)
{
	get_item(in, false, p, n);
}

void rlp_get_fixed(struct rlp_in *in, void *out, size_t n)
{
	const uint8_t *p;
	size_t got;

	memset(out, 0, n);
	if (!get_item(in, false, &p, &got))
		return;
	if (got == n)
		memcpy(out, p, n);
	else
		fault(in, "a field of the wrong length");
}

struct u256 rlp_get_uint(struct rlp_in *in)
{
	struct u256 v = U256_ZERO;
	const uint8_t *p;
	size_t n;

	if (!get_item(in, false, &p, &n))
		return v;
	if (n && !p[0])
		fault(in, "an integer with a leading zero");
	else if (!u256_from_be(&v, p, n))
		fault(in, "an integer of more than 256 bits");
	return in->fault ? U256_ZERO : v;
}

uint64_t rlp_get_u64(struct rlp_in *in)
{
	uint64_t v = 0;

	if (!u256_to_u64(&v, rlp_get_uint(in)))
		fault(in, "an integer of more than 64 bits");
	return in->fault ? 0 : v;
}

struct rlp_in rlp_get_list(struct rlp_in *in)
{
	struct rlp_in items;
	const uint8_t *p;
	size_t n;

	get_item(in, true, &p, &n);
	rlp_in_init(&items, p, n);
	items.fault = in->fault;
	return items;
}

void rlp_skip(struct rlp_in *in, unsigned depth)
{
	struct rlp_in items;
	bool list;
	size_t n;

	if (!get_head(in, &list, &n))
		return;
	rlp_in_init(&items, in->p, n);
	in->p += n;
	if (!list)
		return;
	if (!depth) {
		fault(in, "lists too deep in each other");
		return;
	}
	while (rlp_more(&items))
		rlp_skip(&items, depth - 1);
	if (items.fault)
		fault(in, items.fault);
}

struct err *rlp_end(const struct rlp_in *in)
{
	if (in->fault)
		return err_new(ERR_PROTOCOL, "RLP: %s", in->fault);
	if (in->p < in->end)
		return err_new(ERR_PROTOCOL, "RLP: %zu bytes behind the end",
			left(in));
	return NULL;
}
