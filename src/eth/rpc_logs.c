#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/eth/rpc_private.h"

/* Of the two calls of a part: the block at its end, so that an endpoint that
 * is not that far cannot answer "no events", and the events. */
enum { CALL_BLOCK, CALL_LOGS, CALLS };

struct part {
	const struct log_filter *f;
	int64_t from, to;
	struct block_header end;
	bool has_end;
	bool too_large;
	struct eth_log *logs;
	size_t n;
};

/* --- asking --- */

static void add_topic(struct str *out, const struct log_topic *t)
{
	if (!t->n) {
		str_add(out, "null");
		return;
	}
	str_addc(out, '[');
	for (size_t i = 0; i < t->n; i++) {
		str_add(out, i ? "," : "");
		param_hash(out, t->any[i]);
	}
	str_addc(out, ']');
}

static char *logs_params(const struct part *p)
{
	const struct log_filter *f = p->f;
	size_t topics = ARRAY_SIZE(f->topics);
	struct str s = STR_INIT;

	str_add(&s, "[{\"fromBlock\":");
	param_u64(&s, (uint64_t)p->from);
	str_add(&s, ",\"toBlock\":");
	param_u64(&s, (uint64_t)p->to);
	for (size_t i = 0; i < f->addresses_n; i++) {
		str_add(&s, i ? "," : ",\"address\":[");
		param_addr(&s, f->addresses[i]);
	}
	str_add(&s, f->addresses_n ? "]" : "");
	while (topics && !f->topics[topics - 1].n)
		topics--;
	for (size_t i = 0; i < topics; i++) {
		str_add(&s, i ? "," : ",\"topics\":[");
		add_topic(&s, &f->topics[i]);
	}
	str_add(&s, topics ? "]}]" : "}]");
	return str_take(&s);
}

static char *block_params(int64_t number)
{
	struct str s = STR_INIT;

	str_addc(&s, '[');
	param_u64(&s, (uint64_t)number);
	str_add(&s, ",false]");
	return str_take(&s);
}

/* --- taking --- */

static bool has_address(const struct log_filter *f, struct eth_addr a)
{
	for (size_t i = 0; i < f->addresses_n; i++) {
		if (addr_eq(f->addresses[i], a))
			return true;
	}
	return !f->addresses_n;
}

static bool has_topics(const struct log_filter *f, const struct eth_log *log)
{
	for (unsigned t = 0; t < ARRAY_SIZE(f->topics); t++) {
		const struct log_topic *want = &f->topics[t];
		bool found = !want->n;

		for (size_t i = 0; i < want->n && t < log->topics_n; i++)
			found |= hash_eq(want->any[i], log->topics[t]);
		if (!found)
			return false;
	}
	return true;
}

static int by_place(const void *va, const void *vb)
{
	const struct eth_log *a = va, *b = vb;

	if (a->block.v != b->block.v)
		return a->block.v < b->block.v ? -1 : 1;
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return 0;
}

static struct err *check_logs(struct part *p)
{
	qsort(p->logs, p->n, sizeof(*p->logs), by_place);
	for (size_t i = 0; i < p->n; i++) {
		const struct eth_log *log = &p->logs[i];

		if (log->removed || log->block.v < p->from ||
			log->block.v > p->to || !has_address(p->f,
				log->address) || !has_topics(p->f, log))
			return err_new(ERR_PROTOCOL, "logs: not those asked "
				"for");
		if (i && !by_place(log - 1, log))
			return err_new(ERR_PROTOCOL, "logs: two with one "
				"number");
	}
	return NULL;
}

static struct err *take(void *ctx, size_t i, const struct json_t *v)
{
	struct part *p = ctx;
	struct err *e;

	if (i == CALL_BLOCK)
		return eth_header(&p->end, &p->has_end, v);
	eth_logs_free(p->logs, p->n);
	e = eth_logs(&p->logs, &p->n, v, RPC_LOGS_MAX);
	return e ? e : check_logs(p);
}

/* Providers have many words for "ask for less"; what else they refuse is
 * refused for a single block as well. */
static bool take_error(void *ctx, size_t i, enum node_error kind,
	const struct jsonrpc_error *e)
{
	struct part *p = ctx;

	(void)e;
	if (i != CALL_LOGS || p->from == p->to ||
		(kind != NODE_TOO_LARGE && kind != NODE_REFUSED))
		return false;
	p->too_large = true;
	return true;
}

static struct err *accept(struct rpc *r, size_t endpoint, void *ctx)
{
	struct part *p = ctx;

	(void)r;
	(void)endpoint;
	if (!p->has_end)
		return err_new(ERR_NOT_FOUND, "has no block %" PRId64 " yet",
			p->to);
	if (p->end.number.v != p->to || (p->f->has_to_hash &&
		p->to == p->f->to.v && !hash_eq(p->end.hash, p->f->to_hash)))
		return err_new(ERR_NOT_FOUND, "has another block %" PRId64,
			p->to);
	return NULL;
}

static struct err *ask_part(struct rpc *r, struct part *p)
{
	struct jsonrpc_call calls[CALLS] = {
		[CALL_BLOCK] = { "eth_getBlockByNumber", block_params(p->to) },
		[CALL_LOGS] = { "eth_getLogs", logs_params(p) },
	};
	struct question q = { .calls = calls, .n = CALLS,
		.max_body = r->max_body, .take = take,
		.take_error = take_error, .accept = accept, .ctx = p };
	struct err *e;

	p->too_large = false;
	e = rpc_ask(r, &q);
	free(calls[CALL_BLOCK].params);
	free(calls[CALL_LOGS].params);
	if (e && err_kind(e) == ERR_LIMIT && p->from < p->to) {
		err_free(e);
		e = NULL;
		p->too_large = true;
	}
	if (e || p->too_large) {
		eth_logs_free(p->logs, p->n);
		p->logs = NULL;
		p->n = 0;
	}
	return e;
}

/* --- a range in as many parts as it takes --- */

static struct err *append(struct eth_log **out, size_t *n, struct part *p)
{
	if (p->n > RPC_LOGS_MAX - *n)
		return err_new(ERR_LIMIT, "more than %d logs", RPC_LOGS_MAX);
	*out = xrealloc_array(*out, *n + p->n + 1, sizeof(**out));
	if (p->n)
		memcpy(*out + *n, p->logs, p->n * sizeof(**out));
	*n += p->n;
	free(TAKE(p->logs)); /* their data moved along */
	p->n = 0;
	return NULL;
}

static int64_t part_end(const struct rpc *r, int64_t from, int64_t to)
{
	return r->span && (uint64_t)(to - from) >= r->span ?
		from + (int64_t)r->span - 1 : to;
}

struct err *rpc_logs(struct rpc *r, const struct log_filter *f,
	struct eth_log **out, size_t *n)
{
	struct part p = { .f = f };
	bool shrunk = false;
	struct err *e = NULL;

	*out = NULL;
	*n = 0;
	for (int64_t at = f->from.v; at <= f->to.v && !e;) {
		p.from = at;
		p.to = part_end(r, at, f->to.v);
		e = ask_part(r, &p);
		if (!e && p.too_large) {
			r->span = (uint64_t)(p.to - p.from + 1) / 2;
			shrunk = true;
		} else if (!e) {
			e = append(out, n, &p);
			at = p.to + 1;
		}
	}
	/* Limits are of results more often than of blocks. */
	if (!e && r->span && !shrunk)
		r->span = r->span < INT32_MAX ? r->span * 2 : 0;
	if (!e)
		rpc_saw_block(r, f->to);
	eth_logs_free(p.logs, p.n);
	if (e) {
		eth_logs_free(*out, *n);
		*out = NULL;
		*n = 0;
	}
	return e;
}
