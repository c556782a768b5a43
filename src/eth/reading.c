#include "src/eth/reading.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void reading_begin(struct reading *r, struct rpc *rpc,
	const struct contracts *c, struct block_ref at)
{
	*r = (struct reading){ .rpc = rpc, .contracts = c, .at = at };
}

static void add(struct reading *r, enum contract_fn fn, bool may_fail,
	const struct abi_value *args, size_t n)
{
	struct one_read *one;

	r->reads = xrealloc_array(r->reads, r->n + 1, sizeof(*r->reads));
	r->results = xrealloc_array(r->results, r->n + 1,
		sizeof(*r->results));
	r->results[r->n] = (struct eth_result){ 0 };
	one = &r->reads[r->n++];
	*one = (struct one_read){ .fn = fn, .may_fail = may_fail };
	abi_call(&one->data, fn_selector(fn), args, n);
}

void reading_add(struct reading *r, enum contract_fn fn,
	const struct abi_value *args, size_t n)
{
	add(r, fn, false, args, n);
}

void reading_try(struct reading *r, enum contract_fn fn,
	const struct abi_value *args, size_t n)
{
	add(r, fn, true, args, n);
}

static const char *name(const struct reading *r, size_t i)
{
	return fn_signature(r->reads[i].fn);
}

static void check(struct reading *r, size_t i)
{
	const struct eth_result *result = &r->results[i];

	if (!r->err && result->failed && !r->reads[i].may_fail)
		r->err = err_new(ERR_INVALID, "%s: %s", name(r, i),
			result->why);
}

/* What was asked before is not asked again. */
void reading_run(struct reading *r)
{
	size_t first = r->taken, n = r->n - first;
	struct eth_call *calls = xcalloc(n + 1, sizeof(*calls));

	for (size_t i = 0; i < n; i++) {
		const struct one_read *one = &r->reads[first + i];

		calls[i].to = r->contracts->addr[fn_contract(one->fn)];
		calls[i].data = (const uint8_t *)one->data.s;
		calls[i].data_n = one->data.len;
	}
	if (!r->err)
		r->err = rpc_calls(r->rpc, calls, n, r->at,
			r->results + first);
	for (size_t i = first; i < r->n; i++)
		check(r, i);
	free(calls);
}

static void keep_fault(struct reading *r)
{
	if (!r->err && r->taken)
		r->err = abi_err(&r->in, name(r, r->taken - 1));
}

struct abi_in *reading_next(struct reading *r)
{
	const struct eth_result *result = &r->results[r->taken];

	assert(r->taken < r->n);
	keep_fault(r);
	abi_in_init(&r->in, result->data, result->data_n);
	if (r->err)
		r->in.fault = "nothing that counts";
	r->taken++;
	return &r->in;
}

bool reading_failed(struct reading *r)
{
	assert(r->taken < r->n);
	if (r->err || !r->results[r->taken].failed)
		return false;
	(void)reading_next(r);
	return true;
}

struct err *reading_end(struct reading *r)
{
	keep_fault(r);
	eth_results_clear(r->results, r->n);
	for (size_t i = 0; i < r->n; i++)
		str_clear(&r->reads[i].data);
	free(r->results);
	free(r->reads);
	return TAKE(r->err);
}
