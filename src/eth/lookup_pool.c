#include <stdlib.h>

#include "src/eth/lookup.h"
#include "src/eth/reading.h"
#include "src/eth/rpc_private.h"

/* The contract's list, by links from one to the next: those of the members we
 * know already are read in one batch, others one by one. */
struct links {
	struct eth_addr first;
	uint64_t size;
	const struct pool_member *known;
	struct eth_addr *next; /* of each known one */
	size_t n;
};

static struct err *read_links(const struct lookup *l, struct links *k)
{
	struct reading rd;

	reading_begin(&rd, l->rpc, l->contracts, l->at);
	reading_add(&rd, FN_FIRST_IN_POOL, NULL, 0);
	reading_add(&rd, FN_POOL_SIZE, NULL, 0);
	for (size_t i = 0; i < k->n; i++) {
		struct abi_value arg = abi_addr(k->known[i].addr);

		reading_add(&rd, FN_NEXT_IN_POOL, &arg, 1);
	}
	reading_run(&rd);
	k->first = abi_get_addr(reading_next(&rd));
	k->size = abi_get_u64(reading_next(&rd));
	for (size_t i = 0; i < k->n; i++)
		k->next[i] = abi_get_addr(reading_next(&rd));
	return reading_end(&rd);
}

static struct err *read_next(const struct lookup *l, struct eth_addr *at)
{
	struct abi_value arg = abi_addr(*at);
	struct reading rd;

	reading_begin(&rd, l->rpc, l->contracts, l->at);
	reading_add(&rd, FN_NEXT_IN_POOL, &arg, 1);
	reading_run(&rd);
	*at = abi_get_addr(reading_next(&rd));
	return reading_end(&rd);
}

static struct err *step(const struct lookup *l, const struct links *k,
	struct eth_addr *at)
{
	for (size_t i = 0; i < k->n; i++) {
		if (addr_eq(k->known[i].addr, *at)) {
			*at = k->next[i];
			return NULL;
		}
	}
	return read_next(l, at);
}

static struct err *walk(const struct lookup *l, const struct links *k,
	struct pool_member *out, size_t *n)
{
	struct err *e = NULL;

	*n = 0;
	for (struct eth_addr at = k->first; !e && !addr_is_zero(at);) {
		if (*n == k->size)
			return err_new(ERR_PROTOCOL, "the pool has more "
				"members than it says");
		out[(*n)++] = (struct pool_member){ .addr = at };
		e = step(l, k, &at);
	}
	return e;
}

static struct err *read_stakes(const struct lookup *l,
	struct pool_member *members, size_t n)
{
	struct reading rd;

	reading_begin(&rd, l->rpc, l->contracts, l->at);
	for (size_t i = 0; i < n; i++) {
		struct abi_value arg = abi_addr(members[i].addr);

		reading_add(&rd, FN_TRANSCODER_TOTAL_STAKE, &arg, 1);
	}
	reading_run(&rd);
	for (size_t i = 0; i < n; i++)
		members[i].stake.v = abi_get_uint(reading_next(&rd));
	return reading_end(&rd);
}

struct err *lookup_pool(const struct lookup *l, struct pool_member **members,
	size_t *n)
{
	struct lookup pinned = *l;
	struct links k = { .known = *members, .n = *n };
	struct pool_member *found = NULL;
	size_t found_n = 0;
	struct err *e = rpc_pin(l->rpc, &pinned.at, false);

	k.next = xcalloc(k.n + 1, sizeof(*k.next));
	e = e ? e : read_links(&pinned, &k);
	if (!e && k.size > LOOKUP_POOL_MAX)
		e = err_new(ERR_LIMIT, "a pool of more than %d",
			LOOKUP_POOL_MAX);
	if (!e)
		found = xcalloc(k.size + 1, sizeof(*found));
	e = e ? e : walk(&pinned, &k, found, &found_n);
	e = e ? e : read_stakes(&pinned, found, found_n);
	free(k.next);
	if (e) {
		free(found);
		return e;
	}
	free(*members);
	*members = found;
	*n = found_n;
	return NULL;
}
