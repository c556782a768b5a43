/* What became of the transactions of struct jobs, and what that asks for. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/eth/jobs_private.h"

#define RESEND_MS 30000	 /* nodes forget, and restart */
#define TRY_AGAIN_MS 60000
#define FOREIGN_LOOKS 3	 /* in a row, before a nonce is believed lost */
#define GAP_LOOKS 5
#define REDO_MS (6 * 3600 * 1000) /* older ones are asked for anew by people */

/* --- one that is in a block --- */

/* Is this receipt's block the one we follow? Unknown is no. */
static struct err *is_canonical(struct jobs *j, const struct branch *b,
	const struct tx_receipt *r, bool *yes)
{
	const struct block_header *h = branch_at(b, r->block);
	struct block_header other;
	struct err *e;

	if (h) {
		*yes = hash_eq(h->hash, r->block_hash);
		return NULL;
	}
	e = rpc_header(j->o.rpc, AT_NUMBER(r->block), &other, yes);
	*yes = !e && *yes && hash_eq(other.hash, r->block_hash);
	return e;
}

/* Why it failed: run again where it was, first without the others of its
 * block, then with them. */
static struct err *why_reverted(struct jobs *j, const struct job *job,
	const struct tx_receipt *r, char *out, size_t size)
{
	struct eth_call call = {
		.to = job->row.to,
		.data = blob_data(job->row.data),
		.data_n = blob_size(job->row.data),
		.has_from = true,
		.from = j->account,
		.value = job->row.value,
		.gas = job->row.gas.v, /* raw: as JSON-RPC takes it */
	};
	struct err *e = NULL;

	snprintf(out, size, "%s", r->gas_used.v >= job->row.gas.v ? /* raw: counts */
		"out of gas" : "reverted, nobody can say why");
	for (int64_t before = 1; before >= 0 && !e; before--) {
		struct eth_result result = { 0 };
		struct l2_block at = { r->block.v - before };

		e = rpc_call(j->o.rpc, &call, AT_NUMBER(at), &result);
		if (!e && result.failed && result.why && result.why[0]) {
			snprintf(out, size, "%s", result.why);
			before = 0;
		}
		eth_results_clear(&result, 1);
	}
	/* The state of old blocks is not kept by all: the verdict stands. */
	if (e && err_kind(e) != ERR_CANCELLED) {
		err_free(e);
		e = NULL;
	}
	return e;
}

static struct err *finish(struct jobs *j, struct job *job, const struct tx_attempt *a,
	const struct tx_receipt *r, const struct jobs_now *now)
{
	char why[200];
	struct err *e;

	if (a->undo) {
		bool wanted = job->row.undo != TX_UNDO_GIVE_UP;

		return job_end(j, job, wanted ? TX_CANCELLED : TX_FAILED, now->wall_ms,
			"%s", wanted ? "" : job->row.error);
	}
	if (r->ok)
		return job_end(j, job, TX_CONFIRMED, now->wall_ms, "%s",
			job->row.undo ? "it was too late to cancel it" : "");
	e = why_reverted(j, job, r, why, sizeof(why));
	return e ? e : job_end(j, job, TX_FAILED, now->wall_ms, "%s", why);
}

/* Signed for another nonce before, and that one counts after all (its nonce
 * was thought lost): what was sent since must not happen too. */
static struct err *take_back_others(struct jobs *j, struct job *job,
	const struct tx_attempt *counts, const struct jobs_now *now)
{
	const struct tx_attempt *last = job_latest(job);
	struct tx_record next = job->row;
	uint64_t nonce = next.nonce;
	struct err *e;

	if (next.has_nonce && next.nonce == counts->nonce)
		return NULL;
	log_broken(j->o.log, "transaction %lld (%s) is mined with nonce %" PRIu64
		", which was used by another by all that was known",
		(long long)next.id, next.note, counts->nonce);
	next.has_nonce = true;
	next.nonce = counts->nonce;
	e = job_move(j, job, &next);
	if (!e && last)
		e = jobs_fill(j, nonce, last, now);
	return e;
}

static struct err *on_mined(struct jobs *j, struct job *job,
	const struct tx_attempt *a, const struct tx_receipt *r,
	const struct jobs_now *now)
{
	int64_t depth = branch_top(now->branch)->number.v - r->block.v + 1;
	struct tx_record next = job->row;
	struct err *e = take_back_others(j, job, a, now);

	if (e)
		return e;
	if (a->nonce >= j->used)
		j->used = a->nonce + 1;
	next = job->row;
	next.state = TX_MINED;
	next.hash = r->tx;
	next.block = r->block;
	next.block_hash = r->block_hash;
	next.gas_used = r->gas_used;
	next.gas_price = wei_is_zero(r->gas_price) ? a->gas_price : r->gas_price;
	if (next.undo != TX_UNDO_GIVE_UP)
		snprintf(next.error, sizeof(next.error), "%s", r->ok ? "" : "reverted");
	if (job->row.state != TX_MINED || !hash_eq(job->row.block_hash, r->block_hash) ||
		!hash_eq(job->row.hash, r->tx))
		e = job_move(j, job, &next);
	if (!e && depth >= (int64_t)j->o.confirmations)
		e = finish(j, job, a, r, now);
	return e;
}

/* --- one that isn't --- */

/* Does any node know one of its attempts as mined, whatever became of the
 * receipts? */
static struct err *any_mined(struct jobs *j, const struct job *job, bool *yes)
{
	struct err *e = NULL;

	*yes = false;
	for (size_t i = 0; i < job->n && !e && !*yes; i++) {
		struct tx_seen seen;
		bool found;

		e = rpc_tx(j->o.rpc, job->attempts[i].hash, &seen, &found);
		*yes = !e && found && seen.mined;
	}
	return e;
}

/* Its nonce is used, deep enough, and by none of ours. */
static struct err *on_foreign(struct jobs *j, struct job *job, const struct jobs_now *now)
{
	uint64_t nonce = job->row.nonce;
	struct tx_record next = job->row;
	bool ours;
	struct err *e;

	if (++job->foreign < FOREIGN_LOOKS)
		return NULL;
	e = any_mined(j, job, &ours);
	if (e || ours) {
		job->foreign = 0;
		return e;
	}
	log_unusual(j->o.log, "nonce %" PRIu64 " went to a transaction that is not ours; "
		"does something else use this account?", nonce);
	if (next.undo)
		return job_end(j, job, TX_REPLACED, now->wall_ms, "another transaction "
			"took nonce %" PRIu64, nonce);
	if (now->wall_ms - next.created_ms > REDO_MS)
		return job_end(j, job, TX_REPLACED, now->wall_ms, "another transaction "
			"took nonce %" PRIu64 "; it is too old to be made anew "
			"unasked", nonce);
	next.has_nonce = false;
	next.state = TX_PREPARED;
	snprintf(next.error, sizeof(next.error), "another transaction took nonce %" PRIu64
		"; it gets a new one", nonce);
	job->foreign = 0;
	job->refusals = 0;
	job->next_ms = 0;
	return job_move(j, job, &next);
}

static struct err *on_not_mined(struct jobs *j, struct job *job, uint64_t then,
	const struct jobs_now *now)
{
	struct tx_record next = job->row;
	struct err *e = NULL;

	if (next.state == TX_MINED) {
		next.state = TX_SENT;
		next.block = (struct l2_block){ 0 };
		next.block_hash = (struct hash32){ { 0 } };
		next.gas_used = (struct gas){ 0 };
		if (next.undo != TX_UNDO_GIVE_UP)
			next.error[0] = '\0';
		job->heard_ms = job->next_ms = 0; /* to be sent again */
		e = job_move(j, job, &next);
	}
	if (!e && job->row.has_nonce && then > job->row.nonce)
		return on_foreign(j, job, now);
	job->foreign = 0;
	return e;
}

/* --- all of them --- */

struct look {
	struct hash32 *txs;
	struct tx_receipt *receipts;
	bool *found;
	size_t n;
};

static void look_clear(struct look *l)
{
	for (size_t i = 0; i < l->n; i++)
		tx_receipt_clear(&l->receipts[i]);
	free(l->txs);
	free(l->receipts);
	free(l->found);
}

static void list_attempts(const struct jobs *j, struct look *l)
{
	const struct job *job;
	size_t n = 0;

	TAILQ_FOREACH(job, &j->list, link)
		n += job_is_live(job) ? job->n : 0;
	*l = (struct look){
		.txs = xcalloc(n + 1, sizeof(*l->txs)),
		.receipts = xcalloc(n + 1, sizeof(*l->receipts)),
		.found = xcalloc(n + 1, sizeof(*l->found)),
	};
	TAILQ_FOREACH(job, &j->list, link) {
		for (size_t i = 0; job_is_live(job) && i < job->n; i++)
			l->txs[l->n++] = job->attempts[i].hash;
	}
}

/* The attempts of `job` are those from `at` on in l. */
static struct err *judge(struct jobs *j, struct job *job, const struct look *l,
	size_t at, uint64_t then, const struct jobs_now *now)
{
	struct err *e = NULL;
	bool yes, unclear = false;

	for (size_t i = 0; i < job->n && !e; i++) {
		if (!l->found[at + i])
			continue;
		e = is_canonical(j, now->branch, &l->receipts[at + i], &yes);
		if (!e && yes)
			return on_mined(j, job, &job->attempts[i],
				&l->receipts[at + i], now);
		/* In a block that is not on our chain; until one of the two is
		 * right, nothing is concluded. */
		unclear = true;
	}
	return e || unclear ? e : on_not_mined(j, job, then, now);
}

struct err *jobs_look(struct jobs *j, const struct jobs_now *now)
{
	const struct block_header *top = branch_top(now->branch);
	struct l2_block deep = { top->number.v - (int64_t)j->o.confirmations + 1 };
	uint64_t then = 0;
	struct look l;
	struct job *job;
	size_t at = 0;
	struct err *e;

	if (deep.v < 0)
		deep.v = 0;
	list_attempts(j, &l);
	if (!l.n) {
		look_clear(&l);
		return NULL;
	}
	e = rpc_fates(j->o.rpc, j->account, deep, l.txs, l.n, &then, &j->latest,
		l.receipts, l.found);
	if (!e && then > j->used)
		j->used = then;
	TAILQ_FOREACH(job, &j->list, link) {
		size_t n = job_is_live(job) ? job->n : 0;

		if (!e && n)
			e = judge(j, job, &l, at, then, now);
		at += n;
		if (at == l.n)
			break; /* what was added meanwhile was not looked at */
	}
	look_clear(&l);
	return e;
}

/* --- what it asks for --- */

/* Longer than it should take, and the chain does go on. */
static bool is_late(const struct jobs *j, const struct job *job, const struct jobs_now *now)
{
	int64_t since = job_latest(job)->made_ms;

	if (job->since_ms > since)
		since = job->since_ms;
	return j->o.timeout_ms && job->heads >= 2 && job->row.nonce == j->latest &&
		now->wall_ms - since >= j->o.timeout_ms;
}

/* More is not paid for what would fail by now: then its nonce is taken back,
 * which costs less. (It may fail because it is mined; nothing is lost then.) */
static struct err *raise_if_good(struct jobs *j, struct job *job,
	const struct jobs_now *now)
{
	enum tx_undo undo = job->row.undo;
	struct gas gas;
	struct err *e = undo ? NULL : jobs_try(j, job->row.to, job->row.value,
		job->row.data, job->row.gas, &gas);

	if (e && err_kind(e) == ERR_DENIED) {
		struct err *noted = job_note(j, job, "would fail by now: %s", err_text(e));

		err_free(e);
		e = noted;
		undo = TX_UNDO_GIVE_UP;
	}
	return e ? e : job_raise(j, job, now, undo);
}

static struct err *raise_or_note(struct jobs *j, struct job *job,
	const struct jobs_now *now)
{
	struct err *e = raise_if_good(j, job, now);

	if (e && (err_kind(e) == ERR_DENIED || err_kind(e) == ERR_LIMIT)) {
		struct err *noted = job_note(j, job, "not mined yet; %s", err_text(e));

		err_free(e);
		job->since_ms = now->wall_ms; /* another time as long */
		job->heads = 0;
		return noted;
	}
	return e ? e : job_send(j, job, now);
}

/* One that was signed and is in no block. */
static struct err *push_on(struct jobs *j, struct job *job, const struct jobs_now *now)
{
	bool may = job_tries(job) <= j->o.max_replacements;

	if (now->wall_ms < job->next_ms)
		return NULL;
	if (job->push)
		return raise_or_note(j, job, now);
	if (is_late(j, job, now) && may)
		return raise_or_note(j, job, now);
	if (!job->heard_ms || now->wall_ms - job->heard_ms >= RESEND_MS)
		return job_send(j, job, now);
	if (is_late(j, job, now))
		return job_note(j, job, "not mined yet, and replaced as often as is "
			"set");
	return NULL;
}

/* One that has no nonce: waits for gas, or lost its nonce. */
static struct err *begin(struct jobs *j, struct job *job, const struct jobs_now *now)
{
	struct gas gas;
	struct err *e;

	if (now->wall_ms < job->next_ms)
		return NULL;
	/* While gas is dear, what it is for may pass; that is asked less often. */
	if (job->tried_ms && now->wall_ms - job->tried_ms < TRY_AGAIN_MS &&
		!job_is_affordable(&job->row, now))
		return NULL;
	job->tried_ms = now->wall_ms;
	e = jobs_try(j, job->row.to, job->row.value, job->row.data, job->row.gas, &gas);
	if (e && err_kind(e) == ERR_DENIED) {
		/* Of what it has signed before nothing can come any more. */
		struct err *ended = job_end(j, job, job->n ? TX_REPLACED : TX_FAILED,
			now->wall_ms, "%s", err_text(e));

		err_free(e);
		return ended;
	}
	return e ? e : job_launch(j, job, now);
}

/* A nonce between the chain's and ours that nobody has: ours would wait for
 * ever. */
static struct err *mind_gaps(struct jobs *j, const struct jobs_now *now)
{
	struct job *job;
	bool waiting = false;
	struct err *e;

	TAILQ_FOREACH(job, &j->list, link) {
		if (!job_is_live(job) || !job->row.has_nonce)
			continue;
		if (job->row.nonce == j->latest)
			return NULL;
		waiting |= job->row.nonce > j->latest && job->row.state != TX_MINED;
	}
	if (!waiting) {
		j->gap_looks = 0;
		return NULL;
	}
	e = rpc_nonce(j->o.rpc, j->account, AT_PENDING, &j->pending);
	if (e)
		return e;
	if (j->pending != j->latest || j->gap != j->latest)
		j->gap_looks = 0;
	j->gap = j->latest;
	if (j->pending != j->latest || ++j->gap_looks < GAP_LOOKS)
		return NULL;
	j->gap_looks = 0;
	return jobs_fill(j, j->gap, NULL, now);
}

/* What is final leaves memory when its block can't go any more. */
static void forget_final(struct jobs *j, const struct branch *b)
{
	struct job *job = TAILQ_FIRST(&j->list);

	while (job) {
		struct job *next = TAILQ_NEXT(job, link);

		if (!job_is_live(job) && (!job->row.block.v ||
				job->row.block.v < branch_bottom(b)->number.v))
			jobs_drop(j, job);
		job = next;
	}
}

/* One that cannot go on must not keep the others: what is neither the RPC's
 * nor the disk's trouble is its own. */
static struct err *own_trouble(struct jobs *j, struct job *job, struct err *taken,
	const struct jobs_now *now)
{
	struct err *e;

	switch (err_kind(taken)) {
	case ERR_BUSY:
	case ERR_TIMEOUT:
	case ERR_UNAVAILABLE:
	case ERR_IO:
	case ERR_CANCELLED:
		return taken;
	case ERR_INVALID:
	case ERR_DENIED:
	case ERR_NOT_FOUND:
	case ERR_PROTOCOL:
	case ERR_LIMIT:
	case ERR_MEDIA:
	case ERR_DONE:
	case ERR_INTERNAL:
		break;
	}
	e = job_note(j, job, "cannot go on: %s", err_text(taken));
	job->next_ms = now->wall_ms + RESEND_MS;
	err_free(taken);
	return e;
}

struct err *jobs_step(struct jobs *j, const struct jobs_now *now)
{
	const struct block_header *top = branch_top(now->branch);
	struct job *job;
	struct err *e = NULL;

	if (!jobs_live(j)) {
		forget_final(j, now->branch);
		return NULL;
	}
	e = jobs_look(j, now);
	TAILQ_FOREACH(job, &j->list, link) {
		if (e)
			return e;
		if (top->number.v != j->head.v)
			job->heads++;
		if (!job_is_live(job) || job->row.state == TX_MINED)
			continue;
		if (job_latest(job))
			e = push_on(j, job, now);
		else
			e = begin(j, job, now);
		if (e)
			e = own_trouble(j, job, e, now);
	}
	j->head = top->number;
	if (!e)
		e = mind_gaps(j, now);
	forget_final(j, now->branch);
	return e;
}
