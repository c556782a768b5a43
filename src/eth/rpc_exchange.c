#include <string.h>

#include "src/base/clock.h"
#include "src/eth/rpc_private.h"

#define CONNECT_MS 5000

/* --- one request to one endpoint --- */

struct exchange {
	struct rpc *r;
	struct endpoint *ep;
	const struct jsonrpc_call *calls;
	size_t n;
	size_t max_body;
	struct jsonrpc_answers *answers;
	int64_t took_us;
	bool smaller; /* the batch has to be */
};

static bool is_limit(const struct posted *p)
{
	return p->status == 429 || (p->status == 503 && p->retry_after_ms > 0);
}

/* What an HTTP error says: the node's words where there are any. */
static struct err *http_err(const struct posted *p)
{
	struct str words = STR_INIT;
	struct err *e;

	jsonrpc_message(&words, str_cstr(&p->body), p->body.len);
	e = err_new(p->status == 429 ? ERR_BUSY : ERR_UNAVAILABLE,
		"HTTP %d%s%s", p->status, words.len ? ": " : "",
		str_cstr(&words));
	str_clear(&words);
	return e;
}

static struct err *read_answer(struct exchange *x, const struct posted *p,
	uint64_t first_id, int64_t now)
{
	struct err *e;

	if (is_limit(p)) {
		e = http_err(p);
		endpoint_limited(x->ep, now, p->retry_after_ms, x->r->n > 1,
			err_text(e));
		return e;
	}
	e = jsonrpc_read(&x->answers, str_cstr(&p->body), p->body.len,
		first_id, x->n);
	if (!e)
		return NULL;
	if (p->status == 413 && x->n > 1) {
		x->smaller = true;
		err_free(e);
		return NULL;
	}
	if (p->status != 200) {
		err_free(e);
		e = http_err(p);
		endpoint_failed(x->ep, now, err_text(e));
	} else {
		endpoint_malformed(x->ep, now, x->r->n > 1, err_text(e));
	}
	return e;
}

/* Nothing came back. What is long by nature is not its fault. */
static void judge_failure(struct exchange *x, const struct err *e)
{
	if (err_kind(e) == ERR_CANCELLED ||
		(err_kind(e) == ERR_LIMIT && x->max_body > RPC_SMALL))
		return;
	endpoint_failed(x->ep, clock_mono_ms(), err_text(e));
}

static struct err *exchange(struct exchange *x)
{
	struct rpc *r = x->r;
	struct str body = STR_INIT;
	struct posted got;
	struct post p = { .url = x->ep->url,
		.content_type = "application/json",
		.connect_ms = r->timeout_ms < CONNECT_MS ? r->timeout_ms :
			CONNECT_MS,
		.total_ms = r->timeout_ms, .max_body = x->max_body };
	uint64_t first_id = r->next_id;
	struct err *e;

	r->next_id += x->n;
	jsonrpc_write(&body, x->calls, x->n, first_id);
	p.body = body.s;
	p.body_n = body.len;
	endpoint_asked(x->ep, clock_mono_ms());
	e = fetch_now(r->fetch, &p, &got);
	x->took_us = got.took_us;
	if (!e)
		e = read_answer(x, &got, first_id, clock_mono_ms());
	else
		judge_failure(x, e);
	posted_clear(&got);
	str_clear(&body);
	return e;
}

/* --- what the answers mean --- */

/* One endpoint's error that is no answer: what it means for the endpoint. */
static struct err *judge_error(struct exchange *x, enum node_error kind,
	const struct jsonrpc_error *error)
{
	int64_t now = clock_mono_ms();

	switch (kind) {
	case NODE_LIMITED:
		endpoint_limited(x->ep, now, -1, x->r->n > 1,
			error->message);
		return err_new(ERR_BUSY, "%s", error->message);
	case NODE_BROKEN:
		endpoint_failed(x->ep, now, error->message);
		return err_new(ERR_UNAVAILABLE, "%s", error->message);
	case NODE_TOO_LARGE:
	case NODE_NO_BATCH:
		if (x->n > 1) {
			x->smaller = true;
			return NULL;
		}
		return err_new(ERR_LIMIT, "%s", error->message);
	case NODE_BEHIND:
		return err_new(ERR_NOT_FOUND, "%s", error->message);
	case NODE_FAILED:
	case NODE_NO_METHOD:
	case NODE_REFUSED:
		break;
	}
	return err_new(ERR_INVALID, "%s", *error->message ? error->message :
		"an error without words");
}

static struct err *take_answers(struct exchange *x, const struct question *q,
	size_t first)
{
	struct err *e = NULL;

	for (size_t i = 0; i < x->n && !e && !x->smaller; i++) {
		const struct jsonrpc_error *error =
			jsonrpc_error(x->answers, i);
		enum node_error kind;

		if (!error) {
			e = q->take(q->ctx, first + i,
				jsonrpc_result(x->answers, i));
			if (e)
				endpoint_malformed(x->ep, clock_mono_ms(),
					x->r->n > 1, err_text(e));
			continue;
		}
		kind = node_error_of(error);
		if (!q->take_error ||
			!q->take_error(q->ctx, first + i, kind, error))
			e = judge_error(x, kind, error);
	}
	return e;
}

static struct err *refused_batch(struct exchange *x)
{
	const struct jsonrpc_error *error = jsonrpc_refusal(x->answers);
	enum node_error kind = node_error_of(error);

	if (kind == NODE_LIMITED || kind == NODE_BROKEN)
		return judge_error(x, kind, error);
	x->smaller = true;
	return NULL;
}

/* Calls first .. first + n - 1; *smaller: not done, ask for fewer at once. */
static struct err *ask_part(struct rpc *r, struct endpoint *ep,
	const struct question *q, size_t first, size_t n, bool *smaller)
{
	struct exchange x = { .r = r, .ep = ep, .calls = q->calls + first,
		.n = n, .max_body = q->max_body };
	struct err *e = exchange(&x);

	if (e && err_kind(e) == ERR_LIMIT && n > 1) {
		err_free(e);
		e = NULL;
		x.smaller = true;
	}
	if (!e && x.answers)
		e = jsonrpc_refusal(x.answers) ? refused_batch(&x) :
			take_answers(&x, q, first);
	*smaller = !e && x.smaller;
	if (!e || err_kind(e) == ERR_NOT_FOUND || err_kind(e) == ERR_INVALID)
		endpoint_answered(ep, x.took_us);
	jsonrpc_free(x.answers);
	return e;
}

struct err *rpc_exchange(struct rpc *r, struct endpoint *ep,
	const struct question *q)
{
	size_t at = 0;

	while (at < q->n) {
		size_t n = q->n - at;
		bool smaller;
		struct err *e;

		if (n > ep->batch_max)
			n = ep->batch_max;
		e = ask_part(r, ep, q, at, n, &smaller);
		if (e)
			return e;
		if (smaller)
			ep->batch_max = n / 2;
		else
			at += n;
	}
	return NULL;
}
