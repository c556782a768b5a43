#include "proto/abi.h"

#include <assert.h>
#include <string.h>

/* --- writing --- */

struct abi_value abi_uint(struct u256 v)
{
	struct abi_value a = { .kind = ABI_IS_WORD };

	u256_to_be(a.word, v);
	return a;
}

struct abi_value abi_u64(uint64_t v)
{
	return abi_uint(u256_from(v));
}

struct abi_value abi_addr(struct eth_addr addr)
{
	struct abi_value a = { .kind = ABI_IS_WORD };

	memcpy(a.word + ABI_WORD - sizeof(addr.b), addr.b, sizeof(addr.b));
	return a;
}

struct abi_value abi_bytes32(const uint8_t b[static 32])
{
	struct abi_value a = { .kind = ABI_IS_WORD };

	memcpy(a.word, b, ABI_WORD);
	return a;
}

struct abi_value abi_bytes(const void *p, size_t n)
{
	return (struct abi_value){ .kind = ABI_IS_BYTES, .p = p, .n = n };
}

struct abi_value abi_words(const uint8_t (*words)[ABI_WORD], size_t n)
{
	return (struct abi_value){ .kind = ABI_IS_WORDS, .p = words, .n = n };
}

struct abi_value abi_tuple(const struct abi_value *members, size_t n)
{
	return (struct abi_value){ .kind = ABI_IS_TUPLE, .p = members, .n = n };
}

static bool is_dynamic(const struct abi_value *v)
{
	const struct abi_value *members = v->p;

	switch (v->kind) {
	case ABI_IS_WORD:
		return false;
	case ABI_IS_BYTES:
	case ABI_IS_WORDS:
		return true;
	case ABI_IS_TUPLE:
		for (size_t i = 0; i < v->n; i++) {
			if (is_dynamic(&members[i]))
				return true;
		}
		return false;
	}
	assert(!"no such kind");
	return false;
}

/* Bytes it takes in the head of what it is in. */
static size_t head_size(const struct abi_value *v)
{
	const struct abi_value *members = v->p;
	size_t sum = 0;

	if (v->kind != ABI_IS_TUPLE || is_dynamic(v))
		return ABI_WORD;
	for (size_t i = 0; i < v->n; i++)
		sum += head_size(&members[i]);
	return sum;
}

static void add_word(struct str *out, uint64_t v)
{
	uint8_t be[ABI_WORD];

	u256_to_be(be, u256_from(v));
	str_addn(out, be, sizeof(be));
}

static void add_padded(struct str *out, const void *bytes, size_t n)
{
	static const uint8_t zeros[ABI_WORD];

	if (n)
		str_addn(out, bytes, n);
	str_addn(out, zeros, -n % ABI_WORD);
}

static void add_body(struct str *out, const struct abi_value *v)
{
	switch (v->kind) {
	case ABI_IS_WORD:
		str_addn(out, v->word, ABI_WORD);
		break;
	case ABI_IS_BYTES:
		add_word(out, v->n);
		add_padded(out, v->p, v->n);
		break;
	case ABI_IS_WORDS:
		add_word(out, v->n);
		add_padded(out, v->p, v->n * ABI_WORD);
		break;
	case ABI_IS_TUPLE:
		abi_encode(out, v->p, v->n);
		break;
	}
}

void abi_encode(struct str *out, const struct abi_value *args, size_t n)
{
	struct str tails = STR_INIT;
	size_t heads = 0;

	for (size_t i = 0; i < n; i++)
		heads += head_size(&args[i]);
	for (size_t i = 0; i < n; i++) {
		if (is_dynamic(&args[i])) {
			add_word(out, heads + tails.len);
			add_body(&tails, &args[i]);
		} else {
			add_body(out, &args[i]);
		}
	}
	str_addn(out, str_cstr(&tails), tails.len);
	str_clear(&tails);
}

void abi_call(struct str *out, uint32_t selector, const struct abi_value *args,
	size_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		str_addc(out, (char)(selector >> shift));
	abi_encode(out, args, n);
}

/* --- reading --- */

void abi_in_init(struct abi_in *in, const void *bytes, size_t n)
{
	*in = (struct abi_in){ .p = bytes, .n = n };
}

void abi_in_log(struct abi_in *in, const struct eth_log *log)
{
	_Static_assert(sizeof(struct hash32) == ABI_WORD, "topics are words");

	abi_in_init(in, log->data, log->data_n);
	if (!log->topics_n) {
		in->fault = "an anonymous event";
		return;
	}
	in->topics = &log->topics[1].b; /* behind the event's own */
	in->topics_n = log->topics_n - 1;
}

struct err *abi_err(const struct abi_in *in, const char *what)
{
	if (!in->fault)
		return NULL;
	return err_new(ERR_PROTOCOL, "%s answers %s", what, in->fault);
}

static bool fault(struct abi_in *in, const char *what)
{
	if (!in->fault)
		in->fault = what;
	return false;
}

/* NULL after a fault. */
static const uint8_t *get_word(struct abi_in *in)
{
	const uint8_t *word;

	if (in->fault)
		return NULL;
	if (in->topics_n) {
		in->topics_n--;
		return *in->topics++;
	}
	if (in->n - in->at < ABI_WORD) {
		fault(in, in->n ? "too little" : "nothing");
		return NULL;
	}
	word = in->p + in->at;
	in->at += ABI_WORD;
	return word;
}

static bool is_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i])
			return false;
	}
	return true;
}

struct u256 abi_get_uint(struct abi_in *in)
{
	const uint8_t *word = get_word(in);
	struct u256 v = U256_ZERO;

	if (word && !u256_from_be(&v, word, ABI_WORD))
		assert(!"a word is 256 bits");
	return v;
}

uint64_t abi_get_u64(struct abi_in *in)
{
	uint64_t v = 0;

	if (u256_to_u64(&v, abi_get_uint(in)))
		return v;
	fault(in, "a number of more than 64 bits");
	return 0;
}

struct eth_addr abi_get_addr(struct abi_in *in)
{
	const uint8_t *word = get_word(in);
	struct eth_addr a = { { 0 } };
	size_t pad = ABI_WORD - sizeof(a.b);

	if (!word)
		return a;
	if (is_zero(word, pad))
		memcpy(a.b, word + pad, sizeof(a.b));
	else
		fault(in, "what is no address");
	return a;
}

struct hash32 abi_get_bytes32(struct abi_in *in)
{
	const uint8_t *word = get_word(in);
	struct hash32 h = { { 0 } };

	if (word)
		memcpy(h.b, word, sizeof(h.b));
	return h;
}

bool abi_get_bool(struct abi_in *in)
{
	uint64_t v = abi_get_u64(in);

	if (v > 1)
		return fault(in, "what is neither true nor false");
	return v;
}

struct round_no abi_get_round(struct abi_in *in)
{
	struct u256 v = abi_get_uint(in);
	uint64_t round = 0;

	if (u256_eq(v, U256_MAX))
		return ROUND_NEVER;
	if (!u256_to_u64(&round, v) || round >= INT64_MAX) {
		fault(in, "a round beyond all rounds");
		round = 0;
	}
	return (struct round_no){ (int64_t)round };
}

struct l1_block abi_get_l1_block(struct abi_in *in)
{
	uint64_t block = abi_get_u64(in);

	if (block > INT64_MAX) {
		fault(in, "a block beyond all blocks");
		block = 0;
	}
	return (struct l1_block){ (int64_t)block };
}

/* Where an offset in the head leads: to a count and what it counts. */
static bool get_tail(struct abi_in *in, size_t item, size_t max,
	const uint8_t **p, size_t *n)
{
	uint64_t at = abi_get_u64(in);
	uint64_t count;
	struct abi_in tail;

	*p = NULL;
	*n = 0;
	if (in->fault)
		return false;
	if (at > in->n)
		return fault(in, "an offset beyond its end");
	abi_in_init(&tail, in->p + at, in->n - at);
	count = abi_get_u64(&tail);
	if (tail.fault)
		return fault(in, tail.fault);
	if (count > max)
		return fault(in, "more than it may");
	if (count > (tail.n - tail.at) / item)
		return fault(in, "too little");
	*p = tail.p + tail.at;
	*n = count;
	return true;
}

bool abi_get_bytes(struct abi_in *in, const uint8_t **p, size_t *n, size_t max)
{
	return get_tail(in, 1, max, p, n);
}

size_t abi_get_addrs(struct abi_in *in, struct eth_addr *out, size_t max)
{
	const uint8_t *p;
	struct abi_in items;
	size_t n;

	if (!get_tail(in, ABI_WORD, max, &p, &n))
		return 0;
	abi_in_init(&items, p, n * ABI_WORD);
	for (size_t i = 0; i < n; i++)
		out[i] = abi_get_addr(&items);
	if (items.fault) {
		fault(in, items.fault);
		return 0;
	}
	return n;
}
