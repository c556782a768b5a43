#include "src/role/staker.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/txs.h"
#include "src/base/clock.h"
#include "src/crypto/random.h"
#include "src/role/staker_private.h"

#define TICK_MS 500
#define READ_MS 30000	   /* between readings when nothing happens */
#define READ_ALL_MS 600000 /* and of what seldom changes */
#define RETRY_MS 5000	   /* after a reading that failed */
#define PUBLISH_MS 1000

struct reply staker_reply(struct staker *s, void (*fn)(void *ctx, struct err *taken,
	void *result), void *ctx)
{
	return (struct reply){s->actor, fn, ctx};
}

/* --- the pool, for a broadcaster --- */

struct pool_news {
	struct pool_listener l;
	struct orchestrator_pool *pool;
};

static void on_pool_news(void *ctx)
{
	struct pool_news *n = ctx;

	n->l.fn(n->l.ctx, n->pool);
	free(n);
}

/* A copy: what is done with it is the listener's affair. */
static void tell_pool(struct staker *s)
{
	struct pool_news *n;

	if (!s->pool || !s->pool_listener.fn || s->stopping)
		return;
	n = XNEW(struct pool_news);
	n->l = s->pool_listener;
	n->pool = xmemdup(s->pool, sizeof(*s->pool) + s->pool->n * sizeof(s->pool->o[0]));
	actor_post(n->l.to, on_pool_news, n);
}

struct listening {
	struct staker *s;
	struct pool_listener l;
};

static void on_listen(void *ctx)
{
	struct listening *l = ctx;
	struct staker *s = l->s;

	s->pool_listener = l->l;
	if (s->o.reads_pool) {
		tell_pool(s);
	} else { /* a broadcaster that came later */
		s->o.reads_pool = true;
		staker_want(s, true);
	}
	free(l);
}

void staker_on_pool(struct staker *s, const struct pool_listener *l)
{
	struct listening *post = XNEW(struct listening);

	*post = (struct listening){s, *l};
	actor_post(s->actor, on_listen, post);
}

/* --- reading --- */

void staker_want(struct staker *s, bool all)
{
	s->wanted = true;
	s->wanted_all |= all;
}

/* Who it was asked for before the stake changed hands keeps what is newer. */
void staker_take(struct staker *s, struct stake_reading *r, struct stake_facts *taken)
{
	if (s->facts.known && taken->chain.head.v < s->facts.chain.head.v) {
		stake_facts_clear(taken);
		free(taken);
		return;
	}
	stake_facts_clear(&s->facts);
	s->facts = *taken;
	free(taken);
	s->read_ms = clock_mono_ms();
	if (r->all)
		s->read_all_ms = s->read_ms;
	if (r->pool) {
		free(s->pool);
		s->pool = TAKE(r->pool);
		s->pool_round = s->facts.chain.round.current;
		tell_pool(s);
	}
	s->dirty = true;
}

static void work(struct staker *s);

static void on_read(void *ctx, struct err *taken, void *result)
{
	struct stake_reading *r = ctx;
	struct staker *s = r->s;

	ASSERT_ON(s->actor);
	s->reading = false;
	if (taken) {
		log_debug(s->log, "the chain was not read: %s", err_text(taken));
		s->read_ms = clock_mono_ms() - READ_MS + RETRY_MS;
		s->wanted_all |= r->all;
	} else {
		staker_take(s, r, result);
	}
	err_free(taken);
	stake_reading_free(r);
	work(s);
}

static void read_if_due(struct staker *s)
{
	int64_t now_ms = clock_mono_ms();
	struct stake_reading *r;
	bool all = s->wanted_all || !s->read_all_ms || now_ms - s->read_all_ms >= READ_ALL_MS;

	if (s->reading || !s->head.ready ||
		(!s->wanted && s->read_ms && now_ms - s->read_ms < READ_MS))
		return;
	s->wanted = s->wanted_all = false;
	s->reading = true;
	r = stake_reading_new(s, all);
	chain_read(s->chain, stake_read, r, staker_reply(s, on_read, r));
}

/* --- what is sent --- */

struct err *staker_request(const struct deed *d, enum deed_step step,
	const struct stake_facts *f, const char *job, struct tx_request *out)
{
	struct contract_call call = {0};
	struct str note = STR_INIT;
	struct err *e = deed_call(&call, step, d, f);

	*out = (struct tx_request){.to = call.to, .value = call.value};
	if (e)
		return e;
	deed_note(&note, step, d, f);
	snprintf(out->kind, sizeof(out->kind), "%s", deed_step_name(step));
	snprintf(out->note, sizeof(out->note), "%s", str_cstr(&note));
	snprintf(out->job, sizeof(out->job), "%s", job);
	out->data = blob_new(call.data.s, call.data.len);
	str_clear(&note);
	contract_call_clear(&call);
	return NULL;
}

struct kind_search {
	const char *kind; /* NULL: any but redemptions */
	bool found;
};

static void match_kind(void *ctx, struct tx_record *r)
{
	struct kind_search *k = ctx;

	k->found |= !tx_state_is_final(r->state) && (k->kind
		? strcmp(r->kind, k->kind) == 0 : r->ticket == 0);
	tx_record_clear(r);
}

bool staker_is_live(struct staker *s, const char *kind)
{
	struct kind_search k = {kind, false};
	struct err *e = txs_each_live(s->db, s->o.account, (struct l2_block){INT64_MAX},
		match_kind, &k);

	if (!e)
		return k.found;
	/* Not to know is no reason to send it twice. */
	log_broken(s->log, "transactions could not be read: %s", err_text(e));
	err_free(e);
	return true;
}

/* --- once a round --- */

static void on_routine(struct staker *s, struct routine *r, const char *what,
	struct err *taken, struct tx_job *job)
{
	bool again = taken && r->tried.round.v == r->round.v &&
		!strncmp(r->tried.error, err_text(taken), sizeof(r->tried.error) - 1);

	ASSERT_ON(s->actor);
	r->sending = false;
	attempt_note(&r->tried, r->round, clock_mono_ms(), taken ? err_text(taken) : NULL);
	if (taken && !again) /* said once, tried until it works */
		log_unusual(s->log, "%s of round %lld: %s", what, (long long)r->round.v,
			err_text(taken));
	else if (!taken)
		log_info(s->log, "%s of round %lld: transaction %lld", what,
			(long long)r->round.v, (long long)job->id);
	s->dirty = true;
	err_free(taken);
	free(job);
}

static void on_reward_sent(void *ctx, struct err *taken, void *result)
{
	struct staker *s = ctx;

	on_routine(s, &s->reward, "reward", taken, result);
}

static void on_initialize_sent(void *ctx, struct err *taken, void *result)
{
	struct staker *s = ctx;

	on_routine(s, &s->initialize, "initialisation", taken, result);
}

/* Sent and not over; or over, and the facts are of before. */
static bool is_under_way(struct staker *s, const struct routine *r, enum deed_step step)
{
	return r->sending || s->head.head.v <= r->settled.v ||
		staker_is_live(s, deed_step_name(step));
}

static void settle(struct routine *r, enum deed_step step, const struct tx_job *j)
{
	if (j->state == TX_CONFIRMED && !strcmp(j->kind, deed_step_name(step)))
		r->settled = j->block;
}

static void send_routine(struct staker *s, struct routine *r, enum deed_kind kind,
	enum deed_step step, void (*fn)(void *ctx, struct err *taken, void *result))
{
	struct deed d = {.kind = kind};
	struct tx_request request;
	struct err *e = staker_request(&d, step, &s->facts, "", &request);

	r->round = s->head.round.current;
	if (e) {
		attempt_note(&r->tried, r->round, clock_mono_ms(), err_text(e));
		log_broken(s->log, "%s: %s", deed_name(kind), err_text(e));
		err_free(e);
		return;
	}
	r->sending = true;
	chain_submit(s->chain, &request, staker_reply(s, fn, s));
}

/* It is placed in the pool by its stake, which must have been read. */
static bool knows_round(const struct staker *s)
{
	return s->facts.known &&
		s->facts.chain.round.current.v == s->head.round.current.v;
}

static bool wants_reward(const struct staker *s)
{
	switch (s->o.reward) {
	case REWARD_ALWAYS:
		return true;
	case REWARD_NEVER:
		return false;
	case REWARD_AUTO:
		break;
	}
	return s->head.registered;
}

static void reward_if_due(struct staker *s)
{
	struct reward_facts f = {
		.chain = &s->head,
		.wanted = wants_reward(s),
		.is_account = addr_eq(s->o.account, s->o.recipient),
		.under_way = s->reward.sending,
		.tried = &s->reward.tried,
		.now_ms = clock_mono_ms(),
	};
	struct reward_step step = reward_decide(&f);

	/* The database is only asked when it matters. */
	if (step.act == REWARD_CALL && !f.under_way) {
		f.under_way = is_under_way(s, &s->reward, STEP_REWARD);
		step = reward_decide(&f);
	}
	if (step.alarm && !s->reward_step.alarm)
		log_unusual(s->log, "the reward of round %lld will be lost in %lld blocks: %s",
			(long long)s->head.round.current.v,
			(long long)round_blocks_left(&s->head), step.why);
	if (strcmp(step.why, s->reward_step.why) != 0)
		s->dirty = true;
	s->reward_step = step;
	if (step.act == REWARD_CALL && knows_round(s))
		send_routine(s, &s->reward, DEED_REWARD, STEP_REWARD, on_reward_sent);
}

static void initialize_if_due(struct staker *s)
{
	struct initialize_facts f = {
		.chain = &s->head,
		.wanted = s->o.initialize_round,
		.under_way = s->initialize.sending,
		.tried = &s->initialize.tried,
		.now_ms = clock_mono_ms(),
	};

	if (s->head.round.current.v != s->initialize_round.v) {
		s->initialize_round = s->head.round.current;
		s->initialize_began_ms = f.now_ms;
		s->initialize_delay_ms = s->o.initialize_delay_ms > 0
			? (int64_t)random_below((uint64_t)s->o.initialize_delay_ms) : 0;
	}
	f.began_ms = s->initialize_began_ms;
	f.delay_ms = s->initialize_delay_ms;
	if (!initialize_decide(&f) || !knows_round(s) ||
		is_under_way(s, &s->initialize, STEP_INITIALIZE_ROUND))
		return;
	send_routine(s, &s->initialize, DEED_INITIALIZE_ROUND, STEP_INITIALIZE_ROUND,
		on_initialize_sent);
}

/* --- what happens --- */

static void work(struct staker *s)
{
	if (s->stopping)
		return;
	read_if_due(s);
	reward_if_due(s);
	initialize_if_due(s);
	staker_step(s);
}

static void on_facts(void *ctx, const struct chain_facts *f)
{
	struct staker *s = ctx;
	bool another = f->round.current.v != s->head.round.current.v ||
		f->round.initialized.v != s->head.round.initialized.v;
	bool other = f->last_reward.v != s->head.last_reward.v ||
		f->registered != s->head.registered || f->active != s->head.active;

	ASSERT_ON(s->actor);
	s->head = *f;
	s->dirty = true;
	/* What is under way may be through with this block. */
	if (another || other || staker_is_live(s, NULL))
		staker_want(s, another || other);
	work(s);
}

static void on_job(void *ctx, const struct tx_job *j)
{
	struct staker *s = ctx;

	ASSERT_ON(s->actor);
	settle(&s->reward, STEP_REWARD, j);
	settle(&s->initialize, STEP_INITIALIZE_ROUND, j);
	staker_want(s, true);
	work(s);
}

static void on_tick(void *ctx)
{
	struct staker *s = ctx;
	int64_t now_ms = clock_mono_ms();

	work(s);
	if (!s->dirty || now_ms - s->published_ms < PUBLISH_MS)
		return;
	s->dirty = false;
	s->published_ms = now_ms;
	staker_publish(s);
}

/* --- making and ending --- */

static void on_start(void *ctx)
{
	struct staker *s = ctx;

	s->dirty = true;
	s->tick = timer_new(s->actor, on_tick, s);
	timer_set(s->tick, TICK_MS, TICK_MS);
}

struct err *staker_new(const struct log *log, struct board *board, struct chain *chain,
	const char *db_path, const struct staker_options *o, struct staker **out)
{
	struct staker *s = XNEW(struct staker);
	struct err *e;

	*out = NULL;
	s->log = log_child(log, "staker");
	s->board = board;
	s->chain = chain;
	s->o = *o;
	e = db_open(db_path, DB_FULL, &s->db);
	if (!e)
		e = staker_resume(s);
	if (e) {
		staker_free(s);
		return e;
	}
	s->actor = actor_new("staker", 0);
	chain_listen(chain, &(struct chain_listener){.to = s->actor, .ctx = s,
		.facts = on_facts, .job = on_job});
	actor_call(s->actor, on_start, s);
	*out = s;
	return NULL;
}

static void on_stop(void *ctx)
{
	struct staker *s = ctx;

	s->stopping = true;
	timer_free(TAKE(s->tick));
}

void staker_stop(struct staker *s)
{
	actor_call(s->actor, on_stop, s);
}

void staker_free(struct staker *s)
{
	if (!s)
		return;
	if (s->actor)
		actor_free(s->actor);
	stake_facts_clear(&s->facts);
	free(s->pool);
	db_close(s->db);
	log_free(s->log);
	free(s);
}

struct actor *staker_actor(struct staker *s)
{
	return s->actor;
}

/* --- for others --- */

struct state_question {
	struct staker *s;
	struct reply reply;
};

static void on_state(void *ctx)
{
	struct state_question *q = ctx;
	struct staker *s = q->s;
	struct staker_state *out = XNEW(struct staker_state);

	out->reward_owed = s->reward_step.owed;
	snprintf(out->reward, sizeof(out->reward), "%s", s->reward_step.why);
	out->evicted = s->facts.known && s->facts.transcoder.registered &&
		s->facts.transcoder.deactivation.v != ROUND_NEVER.v &&
		s->facts.transcoder.activation.v;
	out->failed = s->seq.failed;
	snprintf(out->deed, sizeof(out->deed), "%s: %.200s", deed_name(s->seq.deed.kind),
		s->seq.next.why);
	out->known = s->facts.known;
	out->eth = s->facts.eth;
	if (out->known)
		out->unlock_period = (int64_t)s->facts.protocol.unlock_period;
	reply_send(q->reply, NULL, out);
	free(q);
}

void staker_state(struct staker *s, struct reply reply)
{
	struct state_question *q = XNEW(struct state_question);

	*q = (struct state_question){s, reply};
	actor_post(s->actor, on_state, q);
}
