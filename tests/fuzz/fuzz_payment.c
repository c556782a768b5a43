/* A payment as a stranger may send it: what decodes must encode and decode to
 * the same, and be bounded. */
#include <assert.h>
#include <string.h>

#include "proto/rpc_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct payment *a, const struct payment *b)
{
	assert(a->has_params == b->has_params && a->has_sender == b->has_sender);
	assert(addr_eq(a->sender, b->sender) && a->n == b->n);
	assert(a->has_price == b->has_price && a->price_per_unit == b->price_per_unit &&
		a->pixels_per_unit == b->pixels_per_unit);
	for (size_t i = 0; i < a->n; i++)
		assert(a->tickets[i].nonce == b->tickets[i].nonce &&
			a->tickets[i].sig_len == b->tickets[i].sig_len &&
			!memcmp(&a->tickets[i].sig, &b->tickets[i].sig,
				sizeof(a->tickets[i].sig)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct payment a, b;
	struct str one = STR_INIT;
	struct err *e = payment_decode(&a, data, size);

	if (!e) {
		assert(a.n <= PAYMENT_TICKETS_MAX);
		/* A round within the params is not said again. */
		a.params.created = (struct ticket_expiration){ .round = { 0 } };
		payment_encode(&a, &one);
		e = payment_decode(&b, one.s, one.len);
		assert(!e);
		same(&a, &b);
		assert(ticket_params_eq(&a.params, &b.params));
		assert(!a.has_params || (a.created.round.v == b.created.round.v &&
			hash_eq(a.created.block_hash, b.created.block_hash)));
		payment_clear(&b);
	}
	payment_clear(&a);
	err_free(e);
	str_clear(&one);
	return 0;
}
