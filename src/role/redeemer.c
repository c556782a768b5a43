#include "src/role/redeemer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/eth/calldata.h"
#include "src/role/redeemer_private.h"

#define TICK_MS 500
#define PUBLISH_MS 2000
/* Tickets asked about in one go; the next block goes on behind them, so that
 * many that cannot be paid keep no other waiting. */
#define PASS_MAX 500

static void pass(struct redeemer *r);

static struct reply to_self(struct redeemer *r,
	void (*fn)(void *ctx, struct err *taken, void *result), void *ctx)
{
	return (struct reply){ r->actor, fn, ctx };
}

/* The database failed: nothing is lost, since nothing was done yet; it is
 * tried again at the next block, and said once. */
static void trouble(struct redeemer *r, struct err *taken)
{
	if (strcmp(r->trouble, err_text(taken)) != 0)
		log_broken(r->log, "tickets wait for the database: %s", err_text(taken));
	snprintf(r->trouble, sizeof(r->trouble), "%s", err_text(taken));
	r->recheck = true;
	r->dirty = true;
	err_free(taken);
}

static bool read_ticket(struct redeemer *r, int64_t id, struct ticket_record *out)
{
	bool found = false;
	struct err *e = tickets_get(r->db, id, out, &found);

	if (e)
		trouble(r, e);
	else if (!found)
		log_broken(r->log, "ticket %lld is not in the database", (long long)id);
	return found;
}

static struct wei pending_of(struct redeemer *r, struct eth_addr sender)
{
	struct ticket_filter f = { .by_state = true, .state = TICKET_SUBMITTED,
		.by_sender = true, .sender = sender };
	struct ticket_totals t;
	struct err *e = tickets_totals(r->db, &f, &t);

	if (!e)
		return t.face[TICKET_SUBMITTED];
	trouble(r, e);
	return (struct wei){ U256_MAX }; /* raw: all of it, so that nothing is sent */
}

struct told {
	struct redeemer_listener l;
	struct eth_addr sender;
	struct wei pending;
};

static void on_tell(void *ctx)
{
	struct told *t = ctx;

	t->l.pending(t->l.ctx, t->sender, t->pending);
	free(t);
}

static void tell_pending(struct redeemer *r, struct eth_addr sender)
{
	struct told *t;

	if (!r->listener.pending || r->stopping)
		return;
	t = XNEW(struct told);
	*t = (struct told){ r->listener, sender, pending_of(r, sender) };
	actor_post(r->listener.to, on_tell, t);
}

static const char *named(struct str *s, const struct ticket_record *rec)
{
	str_printf(s, "ticket %lld (", (long long)rec->id);
	wei_fmt(s, rec->won.ticket.face_value);
	str_add(s, " from ");
	addr_fmt(s, rec->won.ticket.sender);
	str_addc(s, ')');
	return s->s;
}

/* Moves a row on, and says so. false: it was not there any more, or the
 * database failed; then nothing is to follow. */
static bool move(struct redeemer *r, enum ticket_state from, struct ticket_record *rec,
	enum ticket_state to, const char *fmt, ...) printf_like(5, 6);
static bool move(struct redeemer *r, enum ticket_state from, struct ticket_record *rec,
	enum ticket_state to, const char *fmt, ...)
{
	struct str name = STR_INIT;
	struct err *e;
	va_list ap;

	rec->state = to;
	va_start(ap, fmt);
	vsnprintf(rec->reason, sizeof(rec->reason), fmt, ap);
	va_end(ap);
	e = tickets_move(r->db, from, rec);
	if (e && err_kind(e) == ERR_BUSY) {
		log_unusual(r->log, "%s", err_text(e));
		err_free(e);
		return false;
	}
	if (e) {
		trouble(r, e);
		return false;
	}
	named(&name, rec);
	if (to == TICKET_FAILED || to == TICKET_LAPSED)
		log_broken(r->log, "%s: %s, %s", name.s, ticket_state_name(to), rec->reason);
	else if (from != to)
		log_info(r->log, "%s: %s%s%s", name.s, ticket_state_name(to),
			*rec->reason ? ", " : "", rec->reason);
	str_clear(&name);
	r->dirty = true;
	tell_pending(r, rec->won.ticket.sender);
	return true;
}

static void note(struct redeemer *r, const struct ticket_record *rec, const char *why,
	bool is_loud)
{
	struct err *e;

	if (strcmp(rec->reason, why) == 0)
		return;
	e = redeemer_write_note(r, rec->id, why, is_loud);
	if (e)
		trouble(r, e);
}

/* --- a ticket that is used on chain --- */

static void describe_payment(struct str *out, const struct ticket_record *rec)
{
	bool in_part = wei_cmp(rec->paid, rec->won.ticket.face_value) < 0;

	str_add(out, in_part ? "paid in part only: " : "paid ");
	wei_fmt(out, rec->paid);
	if (wei_is_zero(rec->from_reserve))
		return;
	str_add(out, ", of it from the reserve ");
	wei_fmt(out, rec->from_reserve);
}

/* Used by whom we do not know, in a block that may be taken back: it is neither
 * paid nor spent yet. What our own jobs confirmed is final. */
static bool is_final(const struct redeemer *r, const struct trace *t)
{
	return !hash_is_zero(t->tx) ||
	       r->facts.head.v - t->block.v + 1 >= (int64_t)r->facts.confirmations;
}

static void on_traced(void *ctx, struct err *taken, void *result)
{
	struct redeemer *r = ctx;
	struct trace *t = result;
	struct ticket_record rec;
	struct str how = STR_INIT;

	ASSERT_ON(r->actor);
	if (taken || r->stopping || !read_ticket(r, t->id, &rec) ||
		(rec.state != TICKET_WON && rec.state != TICKET_SUBMITTED)) {
		r->recheck = true;
	} else if (!t->found) {
		note(r, &rec, "it is used on chain, it is not known yet how", false);
		r->recheck = true;
	} else if (!is_final(r, t)) {
		note(r, &rec, "it is used on chain, in a block that is not final yet",
			false);
		r->all = true; /* again at the next block */
	} else {
		enum ticket_state from = rec.state;

		rec.tx_hash = t->found_tx;
		rec.block = t->block.v;
		rec.paid = t->paid;
		rec.from_reserve = t->from_reserve;
		rec.gas_cost = t->gas_cost;
		rec.redeemed_ms = clock_wall_ms();
		describe_payment(&how, &rec);
		if (wei_is_zero(t->paid))
			move(r, from, &rec, TICKET_FAILED, "used up without a payment: "
				"the sender had nothing left");
		else
			move(r, from, &rec, TICKET_REDEEMED, "%s", how.s);
	}
	str_clear(&how);
	err_free(taken);
	free(t);
}

static void trace(struct redeemer *r, const struct ticket_record *rec, struct hash32 tx,
	struct wei gas_cost)
{
	struct trace *t = XNEW(struct trace);

	t->id = rec->id;
	t->ticket = rec->won.ticket;
	t->rand = rec->won.rand;
	t->tx = tx;
	t->gas_cost = gas_cost;
	chain_read(r->chain, redeemer_trace, t, to_self(r, on_traced, r));
}

/* --- sending --- */

struct submission {
	struct redeemer *r;
	int64_t id;
};

static void on_submitted(void *ctx, struct err *taken, void *result)
{
	struct submission *s = ctx;
	struct redeemer *r = s->r;
	struct tx_job *job = result;
	struct ticket_record rec;

	ASSERT_ON(r->actor);
	/* A row that cannot be read now is found again by its state. */
	if (!read_ticket(r, s->id, &rec) || rec.state != TICKET_SUBMITTED) {
		r->recheck = true;
	} else if (!taken) {
		rec.tx = job->id;
		rec.tx_hash = job->hash;
		redeemer_clear_doubt(r, rec.id);
		move(r, TICKET_SUBMITTED, &rec, TICKET_SUBMITTED, "%s", "");
	} else if (redemption_after_revert(err_text(taken)) == REDEMPTION_DROP &&
		   redeemer_is_certain(r, rec.id)) {
		move(r, TICKET_SUBMITTED, &rec, TICKET_FAILED, "%s", err_text(taken));
		redeemer_clear_doubt(r, rec.id);
	} else {
		move(r, TICKET_SUBMITTED, &rec, TICKET_WON, "%s", err_text(taken));
	}
	err_free(taken);
	free(job);
	free(s);
}

static void submit(struct redeemer *r, struct ticket_record *rec,
	const struct contracts *contracts)
{
	struct tx_request q = { .kind = "redeem", .ticket = rec->id,
		.max_cost = rec->won.ticket.face_value };
	struct contract_call call = { .to = { { 0 } } };
	struct submission *s;
	struct str what = STR_INIT;

	rec->attempts++;
	rec->tx = 0;
	/* Written first: a crash from here on finds a row that says so, and asks
	 * the chain's jobs what became of it. */
	if (!move(r, TICKET_WON, rec, TICKET_SUBMITTED, "%s", ""))
		return;
	calldata_redeem(&call, contracts, &rec->won);
	named(&what, rec);
	snprintf(q.note, sizeof(q.note), "redeem %s", what.s);
	str_clear(&what);
	q.to = call.to;
	q.data = blob_new(call.data.s, call.data.len);
	contract_call_clear(&call);
	s = XNEW(struct submission);
	s->r = r;
	s->id = rec->id;
	chain_submit(r->chain, &q, to_self(r, on_submitted, s));
}

/* --- what the chain says of its transactions --- */

static void on_job_state(struct redeemer *r, const struct tx_job *job)
{
	struct ticket_record rec;
	enum ticket_state from;
	struct wei cost;

	if (!read_ticket(r, job->ticket, &rec))
		return;
	from = rec.state;
	rec.tx = job->id;
	rec.tx_hash = job->hash;
	switch (job->state) {
	case TX_PREPARED:
	case TX_SENT:
	case TX_MINED:
		/* Also back from a block that is no longer one. */
		if (from != TICKET_SUBMITTED)
			move(r, from, &rec, TICKET_SUBMITTED, "the chain took it back");
		break;
	case TX_CONFIRMED:
		if (!wei_of_gas(&cost, job->gas_used, job->gas_price))
			cost = WEI_ZERO;
		if (from == TICKET_SUBMITTED || from == TICKET_WON)
			trace(r, &rec, job->hash, cost);
		break;
	case TX_FAILED:
	case TX_CANCELLED:
	case TX_REPLACED:
		/* Whatever the reason, the ticket is still worth its face until its
		 * rounds are over: judged anew. */
		rec.tx = 0;
		if (from == TICKET_SUBMITTED)
			move(r, from, &rec, TICKET_WON, "transaction %s: %s",
				tx_state_name(job->state), job->error);
		break;
	}
}

static void on_job(void *ctx, const struct tx_job *job)
{
	struct redeemer *r = ctx;

	ASSERT_ON(r->actor);
	if (job->ticket && !r->stopping)
		on_job_state(r, job);
}

static void on_found_job(void *ctx, struct err *taken, void *result)
{
	struct submission *s = ctx;
	struct redeemer *r = s->r;
	struct tx_job *job = result;
	struct ticket_record rec;

	ASSERT_ON(r->actor);
	if (taken || r->stopping)
		r->recheck = true;
	else if (job)
		on_job_state(r, job);
	/* It was never handed over: the row was all there was. */
	else if (read_ticket(r, s->id, &rec) && rec.state == TICKET_SUBMITTED)
		move(r, TICKET_SUBMITTED, &rec, TICKET_WON, "%s", "no transaction was made");
	err_free(taken);
	free(job);
	free(s);
}

/* --- a look at all that is open --- */

struct look {
	struct redeemer *r;
	struct answers *ask;
	bool more; /* than could be asked about */
	struct notes notes;
};

/* What is known without asking about a ticket or its sender. */
static struct redemption_facts own_facts(const struct redeemer *r)
{
	return (struct redemption_facts){ .chain = &r->facts,
		.redeem_gas = r->o.redeem_gas, .max_gas_price = r->o.max_gas_price };
}

static struct err *look_at(void *ctx, const struct ticket_record *rec)
{
	struct look *l = ctx;
	struct redeemer *r = l->r;
	struct redemption_facts f = own_facts(r);
	struct redemption_step step;

	if (rec->state == TICKET_SUBMITTED) {
		if (r->recheck) {
			struct submission *s = XNEW(struct submission);

			*s = (struct submission){ r, rec->id };
			chain_ticket_job(r->chain, rec->id, to_self(r, on_found_job, s));
		}
		return NULL;
	}
	step = redemption_decide(rec->state, &rec->won, &f);
	/* Without funds nothing is sent: what only lacks them, or would be given
	 * up, is asked about. */
	if (step.act == REDEMPTION_WAIT && !r->all && !step.needs_funds) {
		if (strcmp(rec->reason, step.why) != 0)
			notes_add(&l->notes, rec->id, &step);
		return NULL;
	}
	if (l->ask->n == PASS_MAX) {
		l->more = true;
	} else if (rec->id > r->asked_to) {
		struct answer_row *row = &l->ask->row[l->ask->n++];

		row->id = rec->id;
		row->hash = rec->hash;
		row->sender = rec->won.ticket.sender;
	}
	return NULL;
}

static void act(struct redeemer *r, const struct answers *a, const struct answer_row *row)
{
	struct redemption_facts f = own_facts(r);
	struct ticket_record rec;
	struct redemption_step step;

	if (!read_ticket(r, row->id, &rec) || rec.state != TICKET_WON)
		return;
	f.funds = row->has_funds ? &row->funds : NULL;
	f.used = row->used;
	f.pending = pending_of(r, row->sender);
	step = redemption_decide(rec.state, &rec.won, &f);
	switch (step.act) {
	case REDEMPTION_WAIT:
		note(r, &rec, step.why, step.last_chance);
		break;
	case REDEMPTION_SUBMIT:
		submit(r, &rec, &a->contracts);
		break;
	case REDEMPTION_DONE:
		trace(r, &rec, (struct hash32){ { 0 } }, WEI_ZERO);
		break;
	case REDEMPTION_DROP:
		break; /* the chain's to say, on_submitted() */
	case REDEMPTION_LAPSE:
		if (!redeemer_is_certain(r, rec.id))
			break;
		redeemer_clear_doubt(r, rec.id);
		move(r, TICKET_WON, &rec, TICKET_LAPSED, "%s", step.why);
		break;
	}
}

static void on_answers(void *ctx, struct err *taken, void *result)
{
	struct redeemer *r = ctx;
	struct answers *a = result;

	ASSERT_ON(r->actor);
	r->asking = false;
	if (taken)
		log_debug(r->log, "tickets wait: %s", err_text(taken));
	for (size_t i = 0; !taken && !r->stopping && i < a->n; i++)
		act(r, a, &a->row[i]);
	if (!taken && !r->asked_to)
		r->all = false;
	err_free(taken);
	free(a);
	if (r->again)
		pass(r);
}

/* A note that cannot be written keeps no ticket from being redeemed. */
static struct err *look(struct look *l)
{
	struct ticket_filter f = { .open = true, .oldest_first = true };
	struct err *e = tickets_each(l->r->db, &f, look_at, l);
	struct err *unwritten = notes_write(&l->notes, l->r);

	if (unwritten)
		trouble(l->r, unwritten);
	return e;
}

static void pass(struct redeemer *r)
{
	struct look l = { .r = r };
	bool recheck = r->recheck;
	struct err *e;

	r->again = r->asking;
	if (r->asking || r->stopping || !r->facts.ready)
		return;
	l.ask = xcalloc(1, sizeof(*l.ask) + PASS_MAX * sizeof(l.ask->row[0]));
	l.ask->recipient = r->o.recipient;
	r->trouble[0] = '\0';
	e = look(&l);
	if (e) {
		trouble(r, e);
		free(l.ask);
		return;
	}
	r->recheck = r->recheck && !recheck;
	r->asked_to = l.more ? l.ask->row[PASS_MAX - 1].id : 0;
	if (!l.ask->n) {
		r->all = false;
		free(l.ask);
		return;
	}
	r->asking = true;
	chain_read(r->chain, redeemer_ask, l.ask, to_self(r, on_answers, r));
}

/* Whoever said that rounds were over may have lied. */
static void reopen(struct redeemer *r, const struct round_facts *round)
{
	struct round_no over = { round->initialized.v - (int64_t)round->ticket_validity };
	int64_t n;
	struct err *e = tickets_reopen(r->db, over, &n);

	if (e)
		trouble(r, e);
	else if (n)
		log_unusual(r->log, "%lld lapsed tickets are not over: round %lld is on",
			(long long)n, (long long)round->initialized.v);
}

static void on_facts(void *ctx, const struct chain_facts *f)
{
	struct redeemer *r = ctx;
	bool went_back = f->round.initialized.v < r->facts.round.initialized.v;

	ASSERT_ON(r->actor);
	if (f->ready && (!r->facts.ready || went_back))
		reopen(r, &f->round);
	r->facts = *f;
	pass(r);
}

static void on_wake(void *ctx)
{
	struct redeemer *r = ctx;

	r->dirty = true;
	pass(r);
}

void redeemer_wake(struct redeemer *r)
{
	actor_post(r->actor, on_wake, r);
}

/* --- the operator's --- */

struct new_max {
	struct redeemer *r;
	struct wei max;
};

static void on_max_gas_price(void *ctx)
{
	struct new_max *m = ctx;

	m->r->o.max_gas_price = m->max;
	pass(m->r);
	free(m);
}

void redeemer_set_max_gas_price(struct redeemer *r, struct wei max)
{
	struct new_max *m = XNEW(struct new_max);

	*m = (struct new_max){ r, max };
	actor_post(r->actor, on_max_gas_price, m);
}

/* --- start and stop --- */

static void keep_received(struct redeemer *r)
{
	struct err *e = redeemer_keep_received(r);

	if (e)
		trouble(r, e);
}

static void on_tick(void *ctx)
{
	struct redeemer *r = ctx;
	int64_t now_ms = clock_mono_ms();

	if (!r->dirty || now_ms - r->published_ms < PUBLISH_MS)
		return;
	r->dirty = false;
	r->published_ms = now_ms;
	keep_received(r);
	redeemer_publish(r);
}

static void on_start(void *ctx)
{
	struct redeemer *r = ctx;

	r->tick = timer_new(r->actor, on_tick, r);
	timer_set(r->tick, TICK_MS, TICK_MS);
	redeemer_publish(r);
}

struct err *redeemer_new(const struct log *log, struct board *board, struct chain *chain,
	const char *db_path, const struct redeemer_options *o, struct redeemer **out)
{
	struct redeemer *r = XNEW(struct redeemer);
	struct err *e;

	*out = r;
	r->log = log_child(log, "redeemer");
	r->board = board;
	r->chain = chain;
	r->o = *o;
	/* After a start every row is looked at: those sent before, and those that
	 * another hand may have redeemed meanwhile. */
	r->recheck = r->all = true;
	e = db_open(db_path, DB_FULL, &r->db);
	if (!e)
		e = redeemer_read_received(r);
	if (e) {
		redeemer_free(TAKE(*out));
		return e;
	}
	r->actor = actor_new("redeemer", 1024);
	chain_listen(chain, &(struct chain_listener){ .to = r->actor, .ctx = r,
		.facts = on_facts, .job = on_job });
	actor_call(r->actor, on_start, r);
	return NULL;
}

static void on_stop(void *ctx)
{
	struct redeemer *r = ctx;

	r->stopping = true;
	timer_free(TAKE(r->tick));
	keep_received(r);
}

void redeemer_stop(struct redeemer *r)
{
	actor_call(r->actor, on_stop, r);
}

void redeemer_free(struct redeemer *r)
{
	if (!r)
		return;
	if (r->actor)
		actor_free(r->actor);
	while (r->doubts)
		redeemer_clear_doubt(r, r->doubts->ticket);
	db_close(r->db);
	log_free(r->log);
	free(r);
}

struct actor *redeemer_actor(struct redeemer *r)
{
	return r->actor;
}

struct listening {
	struct redeemer *r;
	const struct redeemer_listener *l;
};

static struct err *tell_of(void *ctx, const struct ticket_record *rec)
{
	tell_pending(ctx, rec->won.ticket.sender);
	return NULL;
}

/* What is under way from before the start is told at once. */
static void on_listen(void *ctx)
{
	struct listening *q = ctx;
	struct ticket_filter f = { .by_state = true, .state = TICKET_SUBMITTED };
	struct err *e;

	q->r->listener = *q->l;
	e = tickets_each(q->r->db, &f, tell_of, q->r);
	if (e)
		trouble(q->r, e);
}

void redeemer_listen(struct redeemer *r, const struct redeemer_listener *l)
{
	struct listening q = { r, l };

	actor_call(r->actor, on_listen, &q);
}
