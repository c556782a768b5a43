#include "src/eth/jobs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/crypto/signer.h"
#include "src/eth/jobs_private.h"

/* --- the list --- */

bool job_is_live(const struct job *job)
{
	return !tx_state_is_final(job->row.state);
}

struct job *jobs_add(struct jobs *j, const struct tx_record *taken)
{
	struct job *job = XNEW(struct job);

	job->row = *taken;
	TAILQ_INSERT_TAIL(&j->list, job, link);
	j->changed = true;
	return job;
}

void jobs_drop(struct jobs *j, struct job *job)
{
	TAILQ_REMOVE(&j->list, job, link);
	for (size_t i = 0; i < job->n; i++)
		tx_attempt_clear(&job->attempts[i]);
	free(job->attempts);
	tx_record_clear(&job->row);
	free(job);
}

const struct tx_attempt *job_latest(const struct job *job)
{
	for (size_t i = job->n; job->row.has_nonce && i--;) {
		if (job->attempts[i].nonce == job->row.nonce)
			return &job->attempts[i];
	}
	return NULL;
}

size_t job_tries(const struct job *job)
{
	size_t n = 0;

	for (size_t i = 0; i < job->n; i++)
		n += job->row.has_nonce && job->attempts[i].nonce == job->row.nonce;
	return n;
}

struct tx_job job_shown(const struct job *job)
{
	struct tx_job shown = tx_record_job(&job->row);

	shown.attempts = (unsigned)job->n;
	return shown;
}

static struct job *find(const struct jobs *j, int64_t id)
{
	struct job *job;

	TAILQ_FOREACH(job, &j->list, link) {
		if (job->row.id == id)
			return job;
	}
	return NULL;
}

size_t jobs_live(const struct jobs *j)
{
	const struct job *job;
	size_t n = 0;

	TAILQ_FOREACH(job, &j->list, link)
		n += job_is_live(job);
	return n;
}

bool jobs_changed(struct jobs *j)
{
	bool changed = j->changed;

	j->changed = false;
	return changed;
}

void jobs_nonces(const struct jobs *j, uint64_t *latest, uint64_t *pending)
{
	*latest = j->latest;
	*pending = j->pending;
}

/* --- changes, on the disk first --- */

static void tell(struct jobs *j, const struct job *job)
{
	j->out = xrealloc_array(j->out, j->out_n + 1, sizeof(*j->out));
	j->out[j->out_n++] = job_shown(job);
}

bool jobs_next(struct jobs *j, struct tx_job *out)
{
	if (!j->out_n)
		return false;
	*out = j->out[0];
	memmove(j->out, j->out + 1, --j->out_n * sizeof(*j->out));
	return true;
}

struct err *job_move(struct jobs *j, struct job *job, const struct tx_record *next)
{
	enum tx_state from = job->row.state;
	struct err *e = txs_move(j->o.db, from, next, NULL);

	if (e)
		return e;
	job->row = *next;
	j->changed = true;
	if (from != next->state)
		log_info(j->o.log, "transaction %lld (%s) is %s%s%s",
			(long long)next->id, next->note, tx_state_name(next->state),
			next->error[0] ? ": " : "", next->error);
	if (tx_state_is_final(from) != tx_state_is_final(next->state))
		tell(j, job);
	return NULL;
}

struct err *job_note(struct jobs *j, struct job *job, const char *fmt, ...)
{
	struct tx_record next = job->row;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(next.error, sizeof(next.error), fmt, ap);
	va_end(ap);
	if (strcmp(next.error, job->row.error) == 0)
		return NULL;
	if (next.error[0])
		log_info(j->o.log, "transaction %lld (%s): %s", (long long)next.id,
			next.note, next.error);
	return job_move(j, job, &next);
}

struct err *job_end(struct jobs *j, struct job *job, enum tx_state state,
	int64_t now_ms, const char *fmt, ...)
{
	struct tx_record next = job->row;
	va_list ap;

	next.state = state;
	next.final_ms = now_ms;
	va_start(ap, fmt);
	vsnprintf(next.error, sizeof(next.error), fmt, ap);
	va_end(ap);
	return job_move(j, job, &next);
}

/* --- making it --- */

static void on_row(void *ctx, struct tx_record *r)
{
	jobs_add(ctx, r);
}

static void on_attempt(void *ctx, struct tx_attempt *a)
{
	struct job *job = ctx;

	job->attempts = xrealloc_array(job->attempts, job->n + 1,
		sizeof(*job->attempts));
	job->attempts[job->n++] = *a;
}

struct err *jobs_new(struct jobs **out, const struct jobs_options *o,
	struct l2_block since)
{
	struct jobs *j = XNEW(struct jobs);
	struct job *job;
	struct err *e;

	j->o = *o;
	j->account = signer_address(o->signer);
	TAILQ_INIT(&j->list);
	j->changed = true; /* nothing was shown yet */
	e = txs_each_live(o->db, j->account, since, on_row, j);
	TAILQ_FOREACH(job, &j->list, link) {
		if (!e)
			e = txs_each_attempt(o->db, job->row.id, on_attempt, job);
	}
	if (e) {
		jobs_free(j);
		j = NULL;
	} else if (jobs_live(j)) {
		log_info(o->log, "%zu transactions are under way", jobs_live(j));
	}
	*out = j;
	return e;
}

void jobs_free(struct jobs *j)
{
	if (!j)
		return;
	while (!TAILQ_EMPTY(&j->list))
		jobs_drop(j, TAILQ_FIRST(&j->list));
	free(j->out);
	free(j);
}

/* --- orders --- */

struct err *jobs_simulate(struct jobs *j, const struct tx_request *r,
	const struct jobs_now *now, struct tx_forecast *out)
{
	struct err *e = jobs_try(j, r->to, r->value, r->data, r->gas, &out->gas);

	out->gas_price = gas_now(&now->market, now->bounds.min);
	if (!e && !wei_of_gas(&out->cost, out->gas, out->gas_price))
		e = err_new(ERR_PROTOCOL, "the price of gas is no amount");
	return e;
}

static struct err *check_request(struct jobs *j, const struct tx_request *r)
{
	struct tx_job rival;
	bool found = false;
	struct err *e = NULL;

	if (blob_size(r->data) > JOBS_DATA_MAX)
		return err_new(ERR_LIMIT, "%zu bytes of call data, at most %u",
			blob_size(r->data), JOBS_DATA_MAX);
	if (jobs_live(j) >= JOBS_LIVE_MAX)
		return err_new(ERR_BUSY, "%d transactions are under way already",
			JOBS_LIVE_MAX);
	if (r->ticket)
		e = txs_of_ticket(j->o.db, r->ticket, &rival, &found);
	if (!e && found && (rival.state == TX_CONFIRMED ||
			!tx_state_is_final(rival.state)))
		e = err_new(ERR_DENIED, "transaction %lld redeems ticket %lld already",
			(long long)rival.id, (long long)r->ticket);
	return e;
}

struct err *jobs_submit(struct jobs *j, const struct tx_request *r,
	const struct jobs_now *now, struct tx_job *out)
{
	struct tx_record row = {
		.account = j->account,
		.to = r->to,
		.value = r->value,
		.max_cost = r->max_cost,
		.ticket = r->ticket,
		.created_ms = now->wall_ms,
		.state = TX_PREPARED,
	};
	struct job *job = NULL;
	struct err *e = check_request(j, r);

	if (!e)
		e = jobs_try(j, r->to, r->value, r->data, r->gas, &row.gas);
	if (e)
		return e;
	snprintf(row.kind, sizeof(row.kind), "%s", r->kind);
	snprintf(row.note, sizeof(row.note), "%s", r->note);
	snprintf(row.job, sizeof(row.job), "%s", r->job);
	row.data = blob_ref(r->data);
	e = jobs_launch_new(j, &row, now, &job);
	if (e) {
		tx_record_clear(&row);
		return e;
	}
	/* It is stored: what goes wrong from here on is the next step's. */
	if (job_latest(job)) {
		e = job_send(j, job, now);
		if (e)
			log_unusual(j->o.log, "transaction %lld (%s) is stored but not "
				"sent yet: %s", (long long)job->row.id, job->row.note,
				err_text(e));
		err_free(e);
	}
	*out = job_shown(job);
	return NULL;
}

static struct err *live_job(const struct jobs *j, int64_t id, struct job **out)
{
	*out = find(j, id);
	if (*out && (*out)->row.state == TX_MINED)
		return err_new(ERR_DENIED, "transaction %lld is mined already",
			(long long)id);
	if (*out && job_is_live(*out))
		return NULL;
	return err_new(ERR_NOT_FOUND, "no transaction %lld is under way", (long long)id);
}

struct err *jobs_speed_up(struct jobs *j, int64_t id, const struct jobs_now *now,
	struct tx_job *out)
{
	struct job *job;
	struct err *e = live_job(j, id, &job);

	if (!e && !job_latest(job))
		e = err_new(ERR_DENIED, "transaction %lld is not sent yet: %s",
			(long long)id, job->row.error);
	if (!e)
		e = job_raise(j, job, now, job->row.undo);
	if (!e)
		e = job_send(j, job, now);
	if (!e)
		*out = job_shown(job);
	return e;
}

struct err *jobs_cancel(struct jobs *j, int64_t id, const struct jobs_now *now,
	struct tx_job *out)
{
	struct job *job;
	struct err *e = live_job(j, id, &job);

	if (e)
		return e;
	/* Never signed at this nonce: nothing can come of it. */
	if (!job_latest(job)) {
		e = job_end(j, job, TX_CANCELLED, now->wall_ms, "cancelled before it "
			"was sent");
	} else if (job->row.undo == TX_UNDO_CANCEL) {
		e = err_new(ERR_DENIED, "transaction %lld is being cancelled already; "
			"speed it up", (long long)id);
	} else {
		e = job_raise(j, job, now, TX_UNDO_CANCEL);
		if (!e)
			e = job_send(j, job, now);
	}
	if (!e)
		*out = job_shown(job);
	return e;
}

struct err *jobs_reorganised(struct jobs *j, struct l2_block from)
{
	struct job *job;
	struct err *e = NULL;

	j->used = 0; /* nonces may be free again */
	TAILQ_FOREACH(job, &j->list, link) {
		enum tx_state was = job->row.state;
		struct tx_record next = job->row;
		bool taken;

		if (e || job->row.block.v < from.v || !tx_state_is_final(was))
			continue;
		next.state = TX_SENT;
		next.block = (struct l2_block){ 0 };
		next.block_hash = (struct hash32){ { 0 } };
		next.final_ms = 0;
		if (next.undo != TX_UNDO_GIVE_UP)
			next.error[0] = '\0';
		e = txs_move(j->o.db, was, &next, &taken);
		if (e || taken) {
			if (taken)
				log_unusual(j->o.log, "transaction %lld (%s) was "
					"reorganised away, and has a successor",
					(long long)next.id, next.note);
			continue;
		}
		job->row = next;
		job->heard_ms = 0;
		log_unusual(j->o.log, "transaction %lld (%s) was reorganised away",
			(long long)next.id, next.note);
		j->changed = true;
		tell(j, job);
	}
	return e;
}
