#include "src/eth/rpc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "src/base/clock.h"
#include "src/eth/rpc_private.h"

#define TIMEOUT_MS 20000
#define MAX_BODY (32u << 20)
#define CHAIN_AGAIN_MS 600000 /* proxies get pointed elsewhere */
#define PIN_MS 1000
#define TOLD_FAILURES 3

/* --- making and ending --- */

static struct err *add_endpoint(struct rpc *r, const char *url)
{
	struct err *e = NULL;

	if (!url_is_http(url)) {
		/* It may hold a key, so it isn't shown. */
		e = err_new(ERR_INVALID, "-ethUrl: number %zu is no http or "
			"https URL", r->n + 1);
	} else if (r->n == RPC_ENDPOINTS_MAX) {
		e = err_new(ERR_LIMIT, "-ethUrl: more than %d endpoints",
			RPC_ENDPOINTS_MAX);
	} else {
		endpoint_init(&r->ep[r->n++], url);
	}
	return e;
}

static struct err *add_endpoints(struct rpc *r, const struct rpc_options *o)
{
	struct err *e = NULL;

	if (!o->urls_n)
		return err_new(ERR_INVALID, "-ethUrl names no endpoint");
	for (size_t i = 0; i < o->urls_n && !e; i++)
		e = add_endpoint(r, o->urls[i]);
	return e;
}

struct err *rpc_new(struct rpc **out, const struct rpc_options *o)
{
	struct rpc *r = XNEW(struct rpc);
	struct err *e;

	r->fetch = fetch_now_new();
	r->chain_id = o->chain_id;
	r->next_id = 1;
	r->timeout_ms = o->timeout_ms ? o->timeout_ms : TIMEOUT_MS;
	r->max_body = o->max_body ? o->max_body : MAX_BODY;
	r->log = o->log;
	e = add_endpoints(r, o);
	if (e) {
		rpc_free(r);
		r = NULL;
	}
	*out = r;
	return e;
}

void rpc_free(struct rpc *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		endpoint_clear(&r->ep[i]);
	fetch_now_free(r->fetch);
	free(r);
}

void rpc_stop(struct rpc *r)
{
	fetch_now_stop(r->fetch);
}

/* --- an endpoint's chain and head --- */

static struct err *take_u64(void *ctx, size_t i, const struct json_t *v)
{
	(void)i;
	return eth_u64(ctx, v);
}

static struct err *check_chain(struct rpc *r, struct endpoint *ep)
{
	struct jsonrpc_call call = { "eth_chainId", xstrdup("[]") };
	uint64_t id = 0;
	struct question q = { .calls = &call, .n = 1, .max_body = RPC_SMALL,
		.take = take_u64, .ctx = &id };
	struct err *e = rpc_exchange(r, ep, &q);

	free(call.params);
	if (e)
		return e;
	if (!r->chain_id)
		r->chain_id = id;
	if (id == r->chain_id) {
		endpoint_on_chain(ep, clock_mono_ms());
		return NULL;
	}
	endpoint_wrong_chain(ep, clock_mono_ms(), id, r->chain_id);
	return err_new(ERR_UNAVAILABLE, "%s", ep->last_error);
}

static struct err *take_header(void *ctx, size_t i, const struct json_t *v)
{
	struct block_header *h = ctx;
	bool found;
	struct err *e = eth_header(h, &found, v);

	(void)i;
	return e || found ? e : err_new(ERR_PROTOCOL, "it has no latest block");
}

static struct err *ask_head(struct rpc *r, struct endpoint *ep)
{
	struct jsonrpc_call call = { "eth_getBlockByNumber",
		xstrdup("[\"latest\",false]") };
	struct block_header h;
	struct question q = { .calls = &call, .n = 1, .max_body = RPC_SMALL,
		.take = take_header, .ctx = &h };
	struct err *e = rpc_exchange(r, ep, &q);

	free(call.params);
	if (!e)
		endpoint_note_head(ep, &h, clock_mono_ms());
	return e;
}

static enum head_verdict judge(struct rpc *r, size_t i, bool others_asked)
{
	return endpoint_judge(r->ep, r->n, i, clock_mono_ms(), clock_wall_ms(),
		others_asked);
}

/* All others that can be asked say where they are, then each is judged. */
static void ask_others(struct rpc *r, size_t self)
{
	for (size_t i = 0; i < r->n; i++) {
		if (i != self && r->ep[i].chain_known &&
			r->ep[i].rest_until_ms <= clock_mono_ms())
			err_free(ask_head(r, &r->ep[i]));
	}
	for (size_t i = 0; i < r->n; i++) {
		if (i != self && r->ep[i].head_seen_ms >= 0)
			(void)judge(r, i, true);
	}
}

/* Endpoint i's head was noted: may it be believed? */
static struct err *believe(struct rpc *r, size_t i)
{
	enum head_verdict v = judge(r, i, false);

	if (v == HEAD_ASK_OTHERS) {
		ask_others(r, i);
		v = judge(r, i, true);
	}
	return v == HEAD_BELIEVED ? NULL :
		err_new(ERR_UNAVAILABLE, "%s", r->ep[i].last_error);
}

/* Its answers count only on the right chain, and once it was put aside only
 * when it is back in line. */
static struct err *make_ready(struct rpc *r, size_t i)
{
	struct endpoint *ep = &r->ep[i];
	struct err *e = NULL;

	if (!ep->chain_known ||
		clock_mono_ms() - ep->chain_asked_ms > CHAIN_AGAIN_MS)
		e = check_chain(r, ep);
	if (!e && ep->state == RPC_ASIDE) {
		e = ask_head(r, ep);
		e = e ? e : believe(r, i);
	}
	return e;
}

/* --- a question to whoever answers it --- */

/* One that fails once and answers again is no news. */
static void tell(const struct rpc *r, struct endpoint *ep)
{
	if (ep->state == ep->told || ep->state == RPC_UNTRIED ||
		(ep->state == RPC_FAILING && ep->failures < TOLD_FAILURES))
		return;
	ep->told = ep->state;
	if (ep->state == RPC_OK)
		log_info(r->log, "%s answers", ep->shown);
	else
		log_unusual(r->log, "%s %s: %s", ep->shown,
			rpc_state_name(ep->state), ep->last_error);
}

static struct err *ask_endpoint(struct rpc *r, size_t i,
	const struct question *q)
{
	struct err *e = make_ready(r, i);

	e = e ? e : rpc_exchange(r, &r->ep[i], q);
	if (!e && q->accept)
		e = q->accept(r, i, q->ctx);
	for (size_t j = 0; r->log && j < r->n; j++)
		tell(r, &r->ep[j]);
	return err_wrap(e, "%s", r->ep[i].shown);
}

static struct err *all_rest(const struct rpc *r)
{
	const struct endpoint *first = &r->ep[0];

	for (size_t i = 1; i < r->n; i++) {
		if (r->ep[i].rest_until_ms < first->rest_until_ms)
			first = &r->ep[i];
	}
	return err_new(ERR_BUSY, "no RPC endpoint can be asked for %" PRId64
		" ms; %s: %s", endpoint_rest(r->ep, r->n, clock_mono_ms()),
		first->shown, first->last_error);
}

/* What the asker is told when the last of them failed: an answer that says
 * nothing is as good as none. */
static struct err *no_answer(struct err *taken)
{
	enum err_kind kind = err_kind(taken);
	struct err *e;

	if (kind != ERR_TIMEOUT && kind != ERR_PROTOCOL)
		return taken;
	e = err_new(ERR_UNAVAILABLE, "%s", err_text(taken));
	err_free(taken);
	return e;
}

struct err *rpc_ask(struct rpc *r, const struct question *q)
{
	struct err *e = NULL;
	uint64_t tried = 0;
	int i;

	while ((i = endpoint_pick(r->ep, r->n, clock_mono_ms(), tried)) >= 0) {
		tried |= UINT64_C(1) << i;
		err_free(e);
		e = ask_endpoint(r, (size_t)i, q);
		if (!e)
			return NULL;
		if (err_kind(e) == ERR_CANCELLED)
			return e;
	}
	return e ? no_answer(e) : all_rest(r);
}

struct err *rpc_ask_one(struct rpc *r, const char *method, char *params,
	struct err *(*take)(void *ctx, size_t i, const struct json_t *v),
	void *ctx)
{
	struct jsonrpc_call call = { method, params };
	struct question q = { .calls = &call, .n = 1, .max_body = RPC_SMALL,
		.take = take, .ctx = ctx };
	struct err *e = rpc_ask(r, &q);

	free(params);
	return e;
}

/* --- heads as questions --- */

struct err *rpc_chain_id(struct rpc *r, uint64_t *out)
{
	struct err *e = rpc_ask_one(r, "eth_chainId", xstrdup("[]"), take_u64,
		out);

	if (!e && *out != r->chain_id) { /* changed under us */
		for (size_t i = 0; i < r->n; i++)
			r->ep[i].chain_known = false;
		e = err_new(ERR_UNAVAILABLE, "the RPC endpoints changed from "
			"chain %" PRIu64 " to %" PRIu64, r->chain_id, *out);
	}
	return e;
}

static struct err *accept_head(struct rpc *r, size_t i, void *ctx)
{
	endpoint_note_head(&r->ep[i], ctx, clock_mono_ms());
	return believe(r, i);
}

static struct question head_question(struct jsonrpc_call *call,
	struct block_header *out)
{
	call->method = "eth_getBlockByNumber";
	call->params = xstrdup("[\"latest\",false]");
	return (struct question){ .calls = call, .n = 1,
		.max_body = RPC_SMALL, .take = take_header,
		.accept = accept_head, .ctx = out };
}

struct err *rpc_latest(struct rpc *r, struct block_header *out)
{
	struct jsonrpc_call call;
	struct question q = head_question(&call, out);
	struct err *e = rpc_ask(r, &q);

	free(call.params);
	return e;
}

struct err *rpc_probe_one(struct rpc *r, size_t i)
{
	struct block_header h;
	struct jsonrpc_call call;
	struct question q = head_question(&call, &h);
	struct err *e = ask_endpoint(r, i, &q);

	free(call.params);
	return e;
}

static struct l2_block fresh_head(const struct rpc *r)
{
	int64_t now = clock_mono_ms();
	struct l2_block best = { 0 };

	for (size_t i = 0; i < r->n; i++) {
		const struct endpoint *ep = &r->ep[i];

		if (ep->state == RPC_OK && ep->head_seen_ms >= 0 &&
			now - ep->head_seen_ms <= PIN_MS && ep->head.v > best.v)
			best = ep->head;
	}
	return best;
}

struct err *rpc_pin(struct rpc *r, struct block_ref *at, bool again)
{
	struct l2_block head = again ? (struct l2_block){ 0 } : fresh_head(r);
	struct block_header h;
	struct err *e;

	if (at->kind != BLOCK_LATEST)
		return NULL;
	if (!head.v) {
		e = rpc_latest(r, &h);
		if (e)
			return e;
		head = h.number;
	}
	if (again)
		r->saw = head; /* the chain went back */
	/* What was done in a block shows in what is read afterwards. */
	*at = AT_NUMBER(head.v > r->saw.v ? head : r->saw);
	return NULL;
}

void rpc_saw_block(struct rpc *r, struct l2_block b)
{
	if (b.v > r->saw.v)
		r->saw = b;
}
