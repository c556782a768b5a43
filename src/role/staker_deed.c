/* What the operator asks for: weighed, confirmed, done; and where it takes
 * several transactions, carried on step by step, over restarts too. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/kv.h"
#include "db/txs.h"
#include "src/base/clock.h"
#include "src/role/staker_private.h"

#define DEED_KEY "staker.deed"
#define REFUSALS_MAX 3 /* by the contracts, in a row: then it is no accident */
#define COST_ROOM 3    /* times what was forecast: what it may come to cost */

void weighed_free(struct weighed *w)
{
	if (w)
		free(w->summary);
	free(w);
}

void done_free(struct done *d)
{
	if (!d)
		return;
	weighed_free(d->changed);
	free(d->text);
	free(d);
}

/* --- weighing --- */

struct weighing {
	struct staker *s;
	struct reply reply;
	struct deed deed;
	struct weighed *before; /* it was confirmed as this; NULL: a first question */
	struct weighed *out;
	struct tx_request request; /* of its first step */
};

static void weighing_end(struct weighing *taken, struct err *e, void *result)
{
	struct reply reply = taken->reply;

	blob_put(taken->request.data);
	weighed_free(taken->before);
	weighed_free(taken->out);
	free(taken);
	reply_send(reply, e, result);
}

static struct err *check_cost(const struct weighing *w)
{
	const struct stake_facts *f = &w->s->facts;
	struct wei need = wei_add_or_max(deed_value(&w->out->deed), w->out->cost);
	struct str a = STR_INIT, b = STR_INIT;
	struct err *e;

	if (wei_cmp(need, f->eth) <= 0)
		return NULL;
	wei_fmt_eth(&a, need);
	wei_fmt_eth(&b, f->eth);
	e = err_new(ERR_INVALID, "%s takes about %s with its gas, and the account has %s",
		deed_name(w->deed.kind), a.s, b.s);
	str_clear(&a);
	str_clear(&b);
	return e;
}

static void add_cost(struct str *out, const struct weighed *w)
{
	str_printf(out, "\n  gas %llu at ",
		(unsigned long long)w->first.gas.v); /* raw: a count */
	wei_fmt_gwei(out, w->first.gas_price);
	str_add(out, w->steps > 1 ? " for the first; all of them about " : ": about ");
	wei_fmt_eth(out, w->cost);
	str_printf(out, ", at most %d times that", COST_ROOM);
	if (!wei_is_zero(deed_value(&w->deed))) {
		str_add(out, "\n  besides ");
		wei_fmt_eth(out, deed_value(&w->deed));
		str_add(out, " that leave the account");
	}
}

/* What is known now of a deed that was simulated. */
static void weigh_up(struct weighing *w, const struct tx_forecast *first)
{
	const struct stake_facts *f = &w->s->facts;
	enum deed_step steps[DEED_STEPS_MAX];
	struct weighed *out = w->out = XNEW(struct weighed);
	struct str summary = STR_INIT;

	out->deed = w->deed;
	out->first = *first;
	out->cost = first->cost;
	out->steps = deed_steps(&w->deed, f, steps);
	for (size_t i = 1; i < out->steps; i++) {
		struct wei one;

		if (wei_of_gas(&one, deed_step_gas(steps[i], f->contracts.generation),
			first->gas_price))
			out->cost = wei_add_or_max(out->cost, one);
	}
	deed_summary(&summary, &w->deed, f);
	add_cost(&summary, out);
	out->summary = str_take(&summary);
	deed_word(out->word, &w->deed, f);
}

static void act(struct weighing *taken);

static void on_simulated(void *ctx, struct err *taken, void *result)
{
	struct weighing *w = ctx;
	struct tx_forecast *first = result;
	struct done *changed;
	struct err *e;

	ASSERT_ON(w->s->actor);
	if (taken) {
		weighing_end(w, err_wrap(taken, "%s", deed_name(w->deed.kind)), NULL);
		return;
	}
	weigh_up(w, first);
	free(first);
	e = check_cost(w);
	if (e) {
		weighing_end(w, e, NULL);
	} else if (!w->before) {
		struct weighed *out = TAKE(w->out);

		weighing_end(w, NULL, out);
	} else {
		changed = XNEW(struct done);
		changed->changed = TAKE(w->out);
		weighing_end(w, NULL, changed);
	}
}

/* true: these are not the transactions that were confirmed. */
static bool has_changed(const struct weighing *w, size_t steps)
{
	struct str a = STR_INIT, b = STR_INIT;
	bool changed;

	deed_fmt(&a, &w->deed);
	deed_fmt(&b, &w->before->deed);
	changed = strcmp(a.s, b.s) != 0 || steps != w->before->steps;
	str_clear(&a);
	str_clear(&b);
	return changed;
}

/* It would take the LPT, the lock or the allowance that a sequence counts on. */
static bool disturbs(enum deed_kind k)
{
	return k == DEED_BOND || k == DEED_MOVE || k == DEED_UNBOND || k == DEED_REBOND;
}

static struct err *check_sequence(const struct staker *s, enum deed_kind kind, size_t steps)
{
	if ((steps < 2 && !disturbs(kind)) || (!s->seq.active && !s->seq.sending))
		return NULL;
	return err_new(ERR_BUSY, "%s is under way (%s): wait for its end, or give it up with "
		"`weir abandon`", deed_name(s->seq.deed.kind), s->seq.next.why);
}

static void on_weigh_read(void *ctx, struct err *taken, void *result)
{
	struct stake_reading *r = ctx;
	struct weighing *w = r->then;
	struct staker *s = w->s;
	enum deed_step steps[DEED_STEPS_MAX];
	struct err *e = taken;
	size_t n = 0;

	ASSERT_ON(s->actor);
	if (!e)
		staker_take(s, r, result);
	stake_reading_free(r);
	if (!e && s->stopping)
		e = err_new(ERR_CANCELLED, "the node is stopping");
	if (!e)
		e = deed_resolve(&w->deed, &s->facts);
	if (!e) {
		n = deed_steps(&w->deed, &s->facts, steps);
		e = n ? check_sequence(s, w->deed.kind, n) : err_new(ERR_INVALID,
			"%s: there is nothing left to do", deed_name(w->deed.kind));
	}
	if (!e)
		e = staker_request(&w->deed, steps[0], &s->facts, "", &w->request);
	if (e)
		weighing_end(w, e, NULL);
	else if (w->before && !has_changed(w, n))
		act(w);
	else
		chain_simulate(s->chain, &w->request, staker_reply(s, on_simulated, w));
}

static void on_weigh(void *ctx)
{
	struct weighing *w = ctx;
	struct stake_reading *r;

	ASSERT_ON(w->s->actor);
	if (w->s->stopping) {
		weighing_end(w, err_new(ERR_CANCELLED, "the node is stopping"), NULL);
		return;
	}
	r = stake_reading_new(w->s, true);
	r->uris = false;
	r->fresh = true;
	r->then = w;
	chain_read(w->s->chain, stake_read, r, staker_reply(w->s, on_weigh_read, r));
}

void staker_weigh(struct staker *s, const struct deed *d, struct reply reply)
{
	struct weighing *w = XNEW(struct weighing);

	*w = (struct weighing){.s = s, .reply = reply, .deed = *d};
	actor_post(s->actor, on_weigh, w);
}

void staker_do(struct staker *s, struct weighed *taken, struct reply reply)
{
	struct weighing *w = XNEW(struct weighing);

	*w = (struct weighing){.s = s, .reply = reply, .deed = taken->deed, .before = taken};
	actor_post(s->actor, on_weigh, w);
}

/* --- doing --- */

static void on_sent(void *ctx, struct err *taken, void *result)
{
	struct weighing *w = ctx;
	struct tx_job *job = result;
	struct str text = STR_INIT;
	struct done *done = NULL;

	ASSERT_ON(w->s->actor);
	if (!taken) {
		done = XNEW(struct done);
		str_printf(&text, "transaction %lld (%s) is %s", (long long)job->id, job->note,
			tx_state_name(job->state));
		if (job->attempts) {
			str_add(&text, ", ");
			hash_fmt(&text, job->hash);
		}
		done->text = str_take(&text);
		staker_want(w->s, false);
	}
	free(job);
	weighing_end(w, err_wrap(taken, "%s", deed_name(w->deed.kind)), done);
}

/* Its line is in the database before its first step is. */
struct err *staker_begin(struct staker *s, const struct deed *d, const char *job)
{
	struct sequence *q = &s->seq;
	struct str line = STR_INIT;
	struct err *e;

	*q = (struct sequence){.deed = *d};
	snprintf(q->job, sizeof(q->job), "%s", job);
	str_printf(&line, "%s ", q->job);
	deed_fmt(&line, d);
	e = kv_put(s->db, DEED_KEY, line.s);
	q->active = !e;
	str_clear(&line);
	return e;
}

static void act(struct weighing *w)
{
	struct staker *s = w->s;
	struct done *done;
	struct wei max;
	struct err *e;
	char job[sizeof(s->seq.job)];

	if (w->before->steps == 1) {
		if (wei_mul(&max, w->before->first.cost, COST_ROOM))
			w->request.max_cost = max;
		chain_submit(s->chain, &w->request, staker_reply(s, on_sent, w));
		return;
	}
	snprintf(job, sizeof(job), "%s-%lld", deed_name(w->deed.kind),
		(long long)clock_wall_ms());
	e = staker_begin(s, &w->deed, job);
	if (e) {
		weighing_end(w, e, NULL);
		return;
	}
	log_info(s->log, "%s begins, in %zu transactions", s->seq.job, w->before->steps);
	done = XNEW(struct done);
	done->text = xstrdup("it goes on by itself; `weir stake` shows how far it is");
	weighing_end(w, NULL, done);
	staker_step(s);
}

/* --- the sequence --- */

struct err *staker_resume(struct staker *s)
{
	struct sequence *q = &s->seq;
	char *line, *rest;
	struct err *e = kv_get(s->db, DEED_KEY, &line);

	if (e || !line)
		return e;
	rest = strchr(line, ' ');
	if (!rest || (size_t)(rest - line) >= sizeof(q->job) ||
		!deed_parse(&q->deed, rest + 1)) {
		log_broken(s->log, "\"%s\" is no deed: it is given up", line);
		*q = (struct sequence){0};
	} else {
		memcpy(q->job, line, (size_t)(rest - line));
		q->active = true;
		log_info(s->log, "%s goes on", q->job);
	}
	free(line);
	return NULL;
}

static void end_sequence(struct staker *s, bool failed)
{
	struct sequence *q = &s->seq;
	struct err *e = kv_delete(s->db, DEED_KEY);

	/* It would be looked at again after a restart, and found to be over. */
	if (e)
		log_broken(s->log, "%s: %s", q->job, err_text(e));
	err_free(e);
	q->active = false;
	q->over = true;
	q->failed = failed;
	if (failed)
		log_unusual(s->log, "%s has come to nothing: %s", q->job, q->next.why);
	else
		log_info(s->log, "%s is done", q->job);
	staker_want(s, true);
	s->dirty = true;
}

static void on_step_sent(void *ctx, struct err *taken, void *result)
{
	struct staker *s = ctx;
	struct sequence *q = &s->seq;

	ASSERT_ON(s->actor);
	q->sending = false;
	free(result);
	attempt_note(&q->tried, s->head.round.current, clock_mono_ms(),
		taken ? err_text(taken) : NULL);
	if (taken) {
		snprintf(q->next.why, sizeof(q->next.why), "%s", err_text(taken));
		q->refused = err_kind(taken) == ERR_DENIED || err_kind(taken) == ERR_INVALID
			? q->refused + 1 : 0;
		log_unusual(s->log, "%s: %s", q->job, err_text(taken));
		if (q->active && q->refused >= REFUSALS_MAX)
			end_sequence(s, true);
	} else {
		q->refused = 0;
		q->tried.last_ms = 0;
	}
	err_free(taken);
	s->dirty = true;
	staker_want(s, true);
}

static void add_job(void *ctx, const struct tx_job *j)
{
	struct sequence *q = ctx;

	if (q->jobs_n < STAKER_JOBS_MAX)
		q->jobs[q->jobs_n++] = *j;
}

static bool load_jobs(struct staker *s)
{
	struct sequence *q = &s->seq;
	struct err *e;

	q->jobs_n = 0;
	e = txs_of_job(s->db, s->o.account, q->job, add_job, q);
	if (e) /* without them nothing is known of what was done */
		log_broken(s->log, "%s: %s", q->job, err_text(e));
	err_free(e);
	return !e;
}

static void submit_step(struct staker *s)
{
	struct sequence *q = &s->seq;
	struct tx_request request;
	struct err *e;

	if (q->tried.last_ms && clock_mono_ms() - q->tried.last_ms < REWARD_RETRY_MS)
		return;
	e = staker_request(&q->deed, q->next.step, &s->facts, q->job, &request);
	if (e) {
		snprintf(q->next.why, sizeof(q->next.why), "%s", err_text(e));
		err_free(e);
		end_sequence(s, true);
		return;
	}
	q->sending = true;
	chain_submit(s->chain, &request, staker_reply(s, on_step_sent, s));
}

void staker_step(struct staker *s)
{
	struct sequence *q = &s->seq;
	const struct tx_job *last;
	struct deed_next next;

	if (!q->active || q->sending || s->stopping || !s->facts.known || !load_jobs(s))
		return;
	next = deed_next(&q->deed, &s->facts, q->jobs, q->jobs_n);
	if (strcmp(next.why, q->next.why) != 0)
		s->dirty = true;
	/* Why it was refused is told until it goes on. */
	if (next.act != DEED_SUBMIT || !q->tried.last_ms)
		q->next = next;
	q->next.act = next.act;
	q->next.step = next.step;
	switch (next.act) {
	case DEED_SUBMIT:
		submit_step(s);
		break;
	case DEED_WAIT:
		last = deed_step_job(next.step, q->jobs, q->jobs_n);
		if (last && last->block.v > s->facts.chain.head.v)
			staker_want(s, true);
		break;
	case DEED_DONE:
		end_sequence(s, false);
		break;
	case DEED_FAILED:
		end_sequence(s, true);
		break;
	}
}

struct abandoning {
	struct staker *s;
	struct reply reply;
};

static void on_abandon(void *ctx)
{
	struct abandoning *a = ctx;
	struct staker *s = a->s;
	struct str text = STR_INIT;
	struct err *e = NULL;

	if (s->seq.active) {
		str_printf(&text, "%s is given up; transactions that were sent stay sent",
			deed_name(s->seq.deed.kind));
		snprintf(s->seq.next.why, sizeof(s->seq.next.why), "given up by the operator");
		end_sequence(s, true);
	} else {
		e = err_new(ERR_NOT_FOUND, "nothing of several transactions is under way");
	}
	reply_send(a->reply, e, e ? NULL : str_take(&text));
	str_clear(&text);
	free(a);
}

void staker_abandon(struct staker *s, struct reply reply)
{
	struct abandoning *a = XNEW(struct abandoning);

	*a = (struct abandoning){s, reply};
	actor_post(s->actor, on_abandon, a);
}
