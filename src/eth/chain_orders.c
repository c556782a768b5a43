/* What others ask of the chain: each function posts an order to the actor,
 * which answers it. */
#include <assert.h>
#include <stdlib.h>

#include "db/txs.h"
#include "src/base/clock.h"
#include "src/eth/chain_private.h"

typedef struct err *reader_fn(void *ctx, struct rpc *rpc,
	const struct contracts *contracts, const struct chain_facts *facts,
	void **result);

struct order {
	struct chain *c;
	struct reply reply;
	struct eth_addr sender;
	reader_fn *fn;
	void *ctx;
	struct tx_request request; /* its data is owned */
	int64_t id;
	struct wei min, max;
};

static struct order *order(struct chain *c, struct reply reply)
{
	struct order *o = XNEW(struct order);

	o->c = c;
	o->reply = reply;
	return o;
}

static void answer(struct order *taken, struct err *e, void *result)
{
	reply_send(taken->reply, e, result);
	blob_put(taken->request.data);
	free(taken);
}

/* --- funds --- */

static void on_funds(void *ctx)
{
	struct order *o = ctx;
	struct chain *c = o->c;
	const struct sender_funds *f = funds_get(c->funds, o->sender);
	struct err *e = NULL;

	ASSERT_ON(c->actor);
	if (!f) {
		e = chain_need(c);
		if (!e && !funds_last(c->funds, o->sender) &&
			!funds_may_read(c->funds, clock_mono_ms()))
			e = err_new(ERR_BUSY, "too many new senders at once");
		if (!e)
			e = chain_read_funds(c, o->sender);
		/* Old facts are better than none. */
		f = funds_last(c->funds, o->sender);
	}
	if (f) {
		err_free(e);
		e = NULL;
	}
	answer(o, e, f ? xmemdup(f, sizeof(*f)) : NULL);
}

void chain_funds(struct chain *c, struct eth_addr sender, struct reply reply)
{
	struct order *o = order(c, reply);

	o->sender = sender;
	actor_post(c->actor, on_funds, o);
}

/* --- reading --- */

static void on_read(void *ctx)
{
	struct order *o = ctx;
	void *result = NULL;
	struct err *e = chain_need(o->c);

	ASSERT_ON(o->c->actor);
	if (!e)
		e = o->fn(o->ctx, o->c->rpc, &o->c->contracts, &o->c->facts, &result);
	answer(o, e, result);
}

void chain_read(struct chain *c, reader_fn *fn, void *ctx, struct reply reply)
{
	struct order *o = order(c, reply);

	o->fn = fn;
	o->ctx = ctx;
	actor_post(c->actor, on_read, o);
}

/* --- transactions --- */

static struct err *need_jobs(const struct chain *c)
{
	if (!c->signer)
		return err_new(ERR_DENIED, "this node has no account to send from");
	return c->jobs ? chain_need(c) : err_new(ERR_UNAVAILABLE,
		"the chain could not be read yet");
}

static void *job_result(const struct err *e, const struct tx_job *job)
{
	return e ? NULL : xmemdup(job, sizeof(*job));
}

static void on_simulate(void *ctx)
{
	struct order *o = ctx;
	struct tx_forecast forecast;
	struct jobs_now now;
	struct err *e = need_jobs(o->c);

	ASSERT_ON(o->c->actor);
	if (!e) {
		now = chain_jobs_now(o->c);
		e = jobs_simulate(o->c->jobs, &o->request, &now, &forecast);
	}
	answer(o, e, e ? NULL : xmemdup(&forecast, sizeof(forecast)));
}

static void on_submit(void *ctx)
{
	struct order *o = ctx;
	struct tx_job job;
	struct jobs_now now;
	struct err *e = need_jobs(o->c);

	ASSERT_ON(o->c->actor);
	if (!e) {
		now = chain_jobs_now(o->c);
		e = jobs_submit(o->c->jobs, &o->request, &now, &job);
	}
	answer(o, e, job_result(e, &job));
}

static void post_request(struct chain *c, task_fn *fn, struct tx_request *r,
	struct reply reply)
{
	struct order *o = order(c, reply);

	o->request = *r;
	r->data = NULL;
	actor_post(c->actor, fn, o);
}

void chain_simulate(struct chain *c, struct tx_request *r, struct reply reply)
{
	post_request(c, on_simulate, r, reply);
}

void chain_submit(struct chain *c, struct tx_request *r, struct reply reply)
{
	post_request(c, on_submit, r, reply);
}

static void change_job(struct order *o, struct err *(*fn)(struct jobs *j, int64_t id,
	const struct jobs_now *now, struct tx_job *out))
{
	struct tx_job job;
	struct jobs_now now;
	struct err *e = need_jobs(o->c);

	ASSERT_ON(o->c->actor);
	if (!e) {
		now = chain_jobs_now(o->c);
		e = fn(o->c->jobs, o->id, &now, &job);
		chain_tell_jobs(o->c);
	}
	answer(o, e, job_result(e, &job));
}

static void on_speed_up(void *ctx)
{
	change_job(ctx, jobs_speed_up);
}

static void on_cancel(void *ctx)
{
	change_job(ctx, jobs_cancel);
}

static void post_id(struct chain *c, task_fn *fn, int64_t id, struct reply reply)
{
	struct order *o = order(c, reply);

	o->id = id;
	actor_post(c->actor, fn, o);
}

void chain_speed_up(struct chain *c, int64_t id, struct reply reply)
{
	post_id(c, on_speed_up, id, reply);
}

void chain_cancel(struct chain *c, int64_t id, struct reply reply)
{
	post_id(c, on_cancel, id, reply);
}

static void on_ticket_job(void *ctx)
{
	struct order *o = ctx;
	struct tx_job job;
	bool found = false;
	struct err *e = txs_of_ticket(o->c->db, o->id, &job, &found);

	ASSERT_ON(o->c->actor);
	answer(o, e, !e && found ? xmemdup(&job, sizeof(job)) : NULL);
}

void chain_ticket_job(struct chain *c, int64_t ticket, struct reply reply)
{
	post_id(c, on_ticket_job, ticket, reply);
}

/* --- settings --- */

static void on_gas_prices(void *ctx)
{
	struct order *o = ctx;

	ASSERT_ON(o->c->actor);
	o->c->bounds = (struct gas_bounds){ o->min, o->max };
	o->c->dirty = true;
	answer(o, NULL, NULL);
}

void chain_set_gas_prices(struct chain *c, struct wei min, struct wei max)
{
	struct order *o = order(c, (struct reply){ 0 });

	o->min = min;
	o->max = max;
	actor_post(c->actor, on_gas_prices, o);
}
