/* Signing and sending for struct jobs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/crypto/signer.h"
#include "src/eth/jobs_private.h"
#include "src/eth/revert.h"
#include "src/eth/tx.h"

#define RETRY_MS 5000	 /* after a refusal that may pass */
#define REFUSALS_MAX 5	 /* of what won't pass, then the nonce is freed */
#define EMPTY_GAS 21000	 /* an empty transaction's, on Ethereum */
/* Estimates hold for the state of now; what has to be stored or searched may
 * be more by the time it is mined. Not used is not paid. */
#define GAS_MARGIN_PERCENT 20

/* --- without sending --- */

/* The contract's words, what they mean, and what helps. */
static struct err *refused(const struct eth_result *r)
{
	const char *why = r->why && r->why[0] ? r->why : "no reason is given";
	enum revert_reason reason = revert_find(why);

	if (reason == REVERT_OTHER)
		return err_new(ERR_DENIED, "%s", why);
	return err_new(ERR_DENIED, "%s (%s: %s)", why, revert_meaning(reason),
		revert_remedy(reason));
}

static struct gas with_margin(struct gas g)
{
	/* raw: a percentage of a count */
	return (struct gas){ g.v + g.v / 100 * GAS_MARGIN_PERCENT };
}

struct err *jobs_try(struct jobs *j, struct eth_addr to, struct wei value,
	const struct blob *data, struct gas fixed, struct gas *gas)
{
	struct gas limit = fixed.v ? fixed : j->o.gas_limit; /* raw: is it set */
	struct eth_call call = {
		.to = to,
		.data = blob_data(data),
		.data_n = blob_size(data),
		.has_from = true,
		.from = j->account,
		.value = value,
		.gas = limit.v, /* raw: as JSON-RPC takes it */
	};
	struct eth_result result = { 0 };
	bool code = true;
	struct err *e = NULL;

	if (call.data_n)
		e = rpc_has_code(j->o.rpc, to, &code);
	if (!e && !code)
		e = err_new(ERR_DENIED, "no contract code at given address");
	if (!e && limit.v) { /* raw: is it set */
		e = rpc_call(j->o.rpc, &call, AT_LATEST, &result);
		*gas = limit;
	} else if (!e) {
		e = rpc_estimate_gas(j->o.rpc, &call, gas, &result);
		*gas = with_margin(*gas);
	}
	if (!e && result.failed)
		e = refused(&result);
	eth_results_clear(&result, 1);
	return e;
}

/* --- nonces --- */

static bool is_held(const struct jobs *j, uint64_t nonce)
{
	const struct job *job;

	TAILQ_FOREACH(job, &j->list, link) {
		if (job_is_live(job) && job->row.has_nonce && job->row.nonce == nonce)
			return true;
	}
	return false;
}

/* The lowest that nobody has: by the chain (its pool included), by our jobs,
 * and by what we saw used, since the node that answers may lag. */
static struct err *next_nonce(struct jobs *j, uint64_t *out)
{
	struct err *e = rpc_nonce(j->o.rpc, j->account, AT_PENDING, &j->pending);

	if (e)
		return e;
	*out = j->pending > j->used ? j->pending : j->used;
	while (is_held(j, *out))
		++*out;
	return NULL;
}

/* --- signing --- */

static struct err *sign(struct jobs *j, const struct tx_record *row,
	const struct gas_offer *offer, bool undo, struct gas gas, int64_t now_ms,
	struct tx_attempt *out)
{
	struct tx tx = {
		.chain_id = j->o.chain_id,
		.nonce = row->nonce,
		.is_1559 = offer->is_1559,
		.gas_price = offer->price,
		.tip = offer->tip,
		.gas = gas,
		.to = undo ? j->account : row->to,
		.value = undo ? WEI_ZERO : row->value,
		.data = undo ? NULL : blob_data(row->data),
		.data_n = undo ? 0 : blob_size(row->data),
	};
	struct tx_signed made;
	struct err *e = tx_sign(&made, &tx, j->o.signer);

	if (e)
		return e;
	*out = (struct tx_attempt){
		.tx = row->id,
		.nonce = row->nonce,
		.hash = made.hash,
		.raw = blob_from_str(&made.raw),
		.is_1559 = offer->is_1559,
		.gas_price = offer->price,
		.tip = offer->tip,
		.undo = undo,
		.made_ms = now_ms,
	};
	return NULL;
}

static void adopt(struct job *job, const struct tx_attempt *taken)
{
	job->attempts = xrealloc_array(job->attempts, job->n + 1,
		sizeof(*job->attempts));
	job->attempts[job->n++] = *taken;
	job->heard_ms = job->since_ms = job->next_ms = 0;
	job->heads = 0;
	job->push = false;
}

/* Stores the row as it will be with an attempt more, then has it so. Takes a. */
static struct err *keep_attempt(struct jobs *j, struct job *job,
	const struct tx_record *next, struct tx_attempt *a)
{
	struct err *e = txs_put_attempt(j->o.db, next, a);

	if (e) {
		tx_attempt_clear(a);
		return e;
	}
	job->row = *next;
	j->changed = true;
	adopt(job, a);
	return NULL;
}

bool job_is_affordable(const struct tx_record *row, const struct jobs_now *now)
{
	struct gas_offer offer;

	return gas_offer(&offer, &now->market, now->bounds.min,
		gas_ceiling(&now->bounds, row->max_cost, row->gas));
}

/* A signed first attempt for a row; *made is false, with row->error, when it
 * has to wait. */
static struct err *make_first(struct jobs *j, struct tx_record *row,
	const struct jobs_now *now, struct tx_attempt *a, bool *made)
{
	struct wei ceiling = gas_ceiling(&now->bounds, row->max_cost, row->gas);
	struct gas_offer offer;
	struct err *e;

	*made = false;
	if (!gas_offer(&offer, &now->market, now->bounds.min, ceiling)) {
		snprintf(row->error, sizeof(row->error), "waits: gas costs more now "
			"than %s allows", wei_is_zero(now->bounds.max) ||
			wei_cmp(ceiling, now->bounds.max) < 0 ? "what it is worth" :
			"-maxGasPrice");
		return NULL;
	}
	e = next_nonce(j, &row->nonce);
	if (!e)
		e = sign(j, row, &offer, false, row->gas, now->wall_ms, a);
	if (e)
		return e;
	row->has_nonce = true;
	row->hash = a->hash;
	row->gas_price = a->gas_price;
	row->error[0] = '\0';
	*made = true;
	return NULL;
}

struct err *jobs_launch_new(struct jobs *j, struct tx_record *row,
	const struct jobs_now *now, struct job **out)
{
	struct tx_attempt a = { 0 };
	bool made, taken;
	struct err *e = make_first(j, row, now, &a, &made);

	if (e && err_kind(e) != ERR_UNAVAILABLE && err_kind(e) != ERR_BUSY)
		return e;
	if (e) { /* the next step tries again */
		snprintf(row->error, sizeof(row->error), "waits: %s", err_text(e));
		err_free(e);
		row->has_nonce = false;
	}
	e = txs_put(j->o.db, row, made ? &a : NULL, &taken);
	if (!e && taken)
		e = err_new(ERR_DENIED, "another transaction redeems ticket %lld "
			"already", (long long)row->ticket);
	if (e) {
		tx_attempt_clear(&a);
		return e;
	}
	*out = jobs_add(j, row);
	(*out)->tried_ms = now->wall_ms;
	if (made)
		adopt(*out, &a);
	return NULL;
}

struct err *job_launch(struct jobs *j, struct job *job, const struct jobs_now *now)
{
	struct tx_record next = job->row;
	struct tx_attempt a = { 0 };
	bool made;
	struct err *e = make_first(j, &next, now, &a, &made);

	if (e)
		return e;
	if (!made)
		return job_note(j, job, "%s", next.error);
	e = keep_attempt(j, job, &next, &a);
	return e ? e : job_send(j, job, now);
}

/* --- another attempt --- */

static struct err *empty_gas(struct jobs *j, struct gas *out)
{
	struct err *e = jobs_try(j, j->account, WEI_ZERO, NULL, (struct gas){ 0 }, out);

	/* Where it cannot be had, Ethereum's own number is right or refused. */
	if (e && err_kind(e) == ERR_DENIED) {
		err_free(e);
		e = NULL;
		*out = (struct gas){ EMPTY_GAS };
	}
	return e;
}

struct err *job_raise(struct jobs *j, struct job *job, const struct jobs_now *now,
	enum tx_undo undo)
{
	const struct tx_attempt *old = job_latest(job);
	struct gas_offer offer, was = { old->is_1559, old->gas_price, old->tip };
	struct tx_record next = job->row;
	struct tx_attempt a;
	struct gas gas = job->row.gas;
	struct err *e = NULL;

	job->push = false;
	if (job->n >= JOBS_ATTEMPTS_MAX)
		return err_new(ERR_LIMIT, "transaction %lld was replaced %d times; wait "
			"for one of them", (long long)job->row.id, JOBS_ATTEMPTS_MAX);
	if (!gas_raise(&offer, &was, &now->market, now->bounds.min,
			gas_ceiling(&now->bounds, undo ? WEI_ZERO : next.max_cost, gas)))
		return err_new(ERR_DENIED, "replacing it would cost more than is allowed");
	if (undo)
		e = empty_gas(j, &gas);
	if (!e)
		e = sign(j, &job->row, &offer, undo != TX_UNDO_NO, gas, now->wall_ms, &a);
	if (e)
		return e;
	next.undo = undo;
	next.hash = a.hash;
	next.gas_price = a.gas_price;
	return keep_attempt(j, job, &next, &a);
}

struct err *jobs_fill(struct jobs *j, uint64_t nonce, const struct tx_attempt *against,
	const struct jobs_now *now)
{
	struct tx_record row = {
		.account = j->account,
		.kind = "fill",
		.to = j->account,
		.data = blob_new("", 0),
		.created_ms = now->wall_ms,
		.state = TX_PREPARED,
		.undo = TX_UNDO_CANCEL,
		.has_nonce = true,
		.nonce = nonce,
	};
	struct tx_attempt a = { 0 };
	struct gas_offer offer, old;
	bool fits, taken = false;
	struct err *e = empty_gas(j, &row.gas);

	if (against) {
		old = (struct gas_offer){ against->is_1559, against->gas_price,
			against->tip };
		fits = gas_raise(&offer, &old, &now->market, now->bounds.min,
			now->bounds.max);
	} else {
		fits = gas_offer(&offer, &now->market, now->bounds.min, now->bounds.max);
	}
	snprintf(row.note, sizeof(row.note), "empty transaction for nonce %" PRIu64, nonce);
	if (!e && fits)
		e = sign(j, &row, &offer, true, row.gas, now->wall_ms, &a);
	if (!e && fits) {
		row.hash = a.hash;
		row.gas_price = a.gas_price;
		e = txs_put(j->o.db, &row, &a, &taken);
	}
	if (e || !fits || taken) {
		tx_attempt_clear(&a);
		tx_record_clear(&row);
		return e;
	}
	log_unusual(j->o.log, "nonce %" PRIu64 " gets an empty transaction", nonce);
	adopt(jobs_add(j, &row), &a);
	return NULL; /* the next step sends it */
}

/* --- sending --- */

static struct err *heard(struct jobs *j, struct job *job, const struct jobs_now *now)
{
	struct tx_record next = job->row;
	bool was_refused = job->refused || next.state == TX_PREPARED;

	job->refused = false;
	job->heard_ms = now->wall_ms;
	if (!job->since_ms)
		job->since_ms = now->wall_ms;
	job->refusals = 0;
	if (!was_refused)
		return NULL;
	next.state = TX_SENT;
	if (next.undo == TX_UNDO_NO)
		next.error[0] = '\0';
	return job_move(j, job, &next);
}

/* A reason that will not pass by itself: its nonce must not stand in the way
 * of all others, and its bytes are out there. So it is taken back as they can
 * be: by an empty transaction. */
static struct err *give_up(struct jobs *j, struct job *job, const struct jobs_now *now,
	const char *why)
{
	struct err *e = job_note(j, job, "no node takes it: %s", why);

	if (e || ++job->refusals < REFUSALS_MAX || job->row.undo)
		return e;
	e = job_raise(j, job, now, TX_UNDO_GIVE_UP);
	if (e && err_kind(e) == ERR_DENIED) { /* too dear now */
		err_free(e);
		e = NULL;
	}
	return e;
}

static struct err *on_outcome(struct jobs *j, struct job *job,
	const struct jobs_now *now, const struct send_result *r)
{
	if (r->outcome == SEND_ACCEPTED || r->outcome == SEND_KNOWN)
		return heard(j, job, now);
	job->next_ms = now->wall_ms + RETRY_MS;
	job->refused = true;
	switch (r->outcome) {
	case SEND_ACCEPTED:
	case SEND_KNOWN:
		break;
	case SEND_NONCE_LOW:
		/* By it or by another: the next look tells. */
		return NULL;
	case SEND_NONCE_HIGH:
		return job_note(j, job, "waits for the transactions before it");
	case SEND_UNDERPRICED:
		job->push = true;
		return job_note(j, job, "nodes want more for gas than it offers");
	case SEND_REPLACEMENT_LOW:
		/* One of ours, then more helps. Else it is not ours to outbid
		 * before it had its time. */
		job->push = job_tries(job) > 1;
		return job_note(j, job, "another transaction has its nonce");
	case SEND_NO_FUNDS:
		return job_note(j, job, "waits: not enough ETH in the account");
	case SEND_POOL_FULL:
		return job_note(j, job, "waits: the nodes' pools are full");
	case SEND_GAS_LIMIT:
	case SEND_WRONG_CHAIN:
	case SEND_REFUSED:
		return give_up(j, job, now, r->text);
	}
	return NULL;
}

struct err *job_send(struct jobs *j, struct job *job, const struct jobs_now *now)
{
	const struct tx_attempt *a = job_latest(job);
	struct send_result r;
	struct err *e = rpc_send_raw(j->o.rpc, blob_data(a->raw), blob_size(a->raw), &r);

	if (e) {
		job->next_ms = now->wall_ms + RETRY_MS;
		return e;
	}
	return on_outcome(j, job, now, &r);
}
