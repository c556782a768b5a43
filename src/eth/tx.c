#include "src/eth/tx.h"

#include <assert.h>
#include <string.h>

#include "proto/rlp.h"
#include "src/crypto/keccak.h"
#include "src/crypto/signer.h"

#define TYPE_1559 2
#define TX_MAX (128u << 10) /* what nodes take into their pools */
#define V_BASE 35	    /* EIP-155: v = chain id * 2 + 35 + recid */

void tx_signed_clear(struct tx_signed *s)
{
	str_clear(&s->raw);
	s->hash = (struct hash32){ { 0 } };
}

/* --- encoding --- */

static void add_common(struct str *items, const struct tx *t)
{
	rlp_add_u64(items, t->gas.v);
	rlp_add_bytes(items, t->to.b, sizeof(t->to.b));
	rlp_add_uint(items, t->value.v);
	rlp_add_bytes(items, t->data, t->data_n);
}

static void add_fields(struct str *items, const struct tx *t)
{
	struct str none = STR_INIT;

	if (t->is_1559)
		rlp_add_u64(items, t->chain_id);
	rlp_add_u64(items, t->nonce);
	if (t->is_1559)
		rlp_add_uint(items, t->tip.v);
	rlp_add_uint(items, t->gas_price.v);
	add_common(items, t);
	if (t->is_1559)
		rlp_add_list(items, &none); /* no access list */
}

static struct hash32 finish(struct str *raw, struct str *items, bool is_1559)
{
	struct hash32 h;

	if (is_1559)
		str_addc(raw, TYPE_1559);
	rlp_add_list(raw, items);
	keccak_256(h.b, raw->s, raw->len);
	str_clear(items);
	return h;
}

struct hash32 tx_digest(const struct tx *t)
{
	struct str items = STR_INIT, raw = STR_INIT;
	struct hash32 h;

	add_fields(&items, t);
	if (!t->is_1559) {
		rlp_add_u64(&items, t->chain_id);
		rlp_add_u64(&items, 0);
		rlp_add_u64(&items, 0);
	}
	h = finish(&raw, &items, t->is_1559);
	str_clear(&raw);
	return h;
}

static struct u256 v_of(uint64_t chain_id, int recid)
{
	struct u256 v;

	if (!u256_mul(&v, u256_from(chain_id), u256_from(2)) ||
		!u256_add(&v, v, u256_from(V_BASE + (uint64_t)recid)))
		assert(!"64 bits doubled fit 256");
	return v;
}

static struct u256 word(const uint8_t *be)
{
	struct u256 v;

	if (!u256_from_be(&v, be, U256_SIZE))
		assert(!"32 bytes are 256 bits");
	return v;
}

void tx_assemble(struct tx_signed *out, const struct tx *t,
	const uint8_t rs[static 64], int recid)
{
	struct str items = STR_INIT;

	*out = (struct tx_signed){ 0 };
	add_fields(&items, t);
	rlp_add_uint(&items, t->is_1559 ? u256_from((uint64_t)recid) :
		v_of(t->chain_id, recid));
	rlp_add_uint(&items, word(rs));
	rlp_add_uint(&items, word(rs + U256_SIZE));
	out->hash = finish(&out->raw, &items, t->is_1559);
}

struct err *tx_sign(struct tx_signed *out, const struct tx *t,
	const struct signer *s)
{
	struct hash32 digest = tx_digest(t);
	uint8_t rs[64];
	int recid;

	*out = (struct tx_signed){ 0 };
	if (!signer_sign_digest(s, rs, &recid, &digest))
		return err_new(ERR_DENIED, "this handle on the key is not for "
			"transactions");
	tx_assemble(out, t, rs, recid);
	return NULL;
}

/* --- decoding --- */

static void get_common(struct tx *out, struct rlp_in *in)
{
	out->gas.v = rlp_get_u64(in);
	rlp_get_fixed(in, out->to.b, sizeof(out->to.b));
	out->value.v = rlp_get_uint(in);
	rlp_get_bytes(in, &out->data, &out->data_n);
}

static bool get_no_access_list(struct rlp_in *in)
{
	struct rlp_in list = rlp_get_list(in);

	return list.p == list.end;
}

/* Chain id and recid from EIP-155's v. */
static bool take_v(struct tx *out, int *recid, struct u256 v)
{
	struct u256 rest, odd;

	if (!u256_sub(&v, v, u256_from(V_BASE)))
		return false;
	rest = u256_div(v, u256_from(2), &odd);
	*recid = !u256_is_zero(odd);
	return u256_to_u64(&out->chain_id, rest);
}

static const char *get_fields(struct tx *out, uint8_t rs[static 64],
	int *recid, struct rlp_in *in)
{
	const char *why = NULL;
	struct u256 v;

	if (out->is_1559)
		out->chain_id = rlp_get_u64(in);
	out->nonce = rlp_get_u64(in);
	if (out->is_1559)
		out->tip.v = rlp_get_uint(in);
	out->gas_price.v = rlp_get_uint(in);
	get_common(out, in);
	if (out->is_1559 && !get_no_access_list(in))
		why = "it has an access list";
	v = rlp_get_uint(in);
	u256_to_be(rs, rlp_get_uint(in));
	u256_to_be(rs + U256_SIZE, rlp_get_uint(in));
	*recid = !u256_is_zero(v);
	if (!out->is_1559 && !take_v(out, recid, v))
		why = "it is bound to no chain";
	else if (out->is_1559 && u256_cmp(v, u256_from(1)) > 0)
		why = "its signature has no parity";
	return why;
}

struct err *tx_decode(struct tx *out, uint8_t rs[static 64], int *recid,
	const uint8_t *raw, size_t n)
{
	struct rlp_in in, items;
	const char *why;
	struct err *e;

	*out = (struct tx){ 0 };
	if (n > TX_MAX)
		return err_new(ERR_LIMIT, "a transaction of %zu bytes, at "
			"most %u", n, TX_MAX);
	out->is_1559 = n && raw[0] == TYPE_1559;
	if (n && raw[0] < 0xc0 && !out->is_1559)
		return err_new(ERR_INVALID, "a transaction of type %u",
			raw[0]);
	rlp_in_init(&in, raw + out->is_1559, n - out->is_1559);
	items = rlp_get_list(&in);
	why = get_fields(out, rs, recid, &items);
	e = rlp_end(&items);
	e = e ? e : rlp_end(&in);
	if (!e && why)
		e = err_new(ERR_INVALID, "%s", why);
	return err_wrap(e, "transaction");
}
