/* The steps on the chain. Each is a deed in a name that is in the record before
 * the deed is begun; the outpost does it once in that name, whoever is killed.
 * What the chain makes everybody wait for is waited for, and counted down. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/eth/revert.h"
#include "src/role/reward.h"
#include "src/wizard/migration.h"

#define READY_MS 60000
#define LOOK_MS 200
#define BLOCK_MS 1000 /* between looks at what only a block changes */

static struct err *open_outpost(struct migration *m)
{
	struct err *e = NULL;

	if (!m->outpost)
		e = outpost_open(m->config, m->signer, &m->outpost);
	return e ? e : outpost_wait_ready(m->outpost, READY_MS);
}

/* --- waiting for the chain --- */

/* false: nothing is in the way. */
static bool is_shut(const struct chain_facts *f, enum migrate_step s, struct str *why)
{
	long long left = (long long)round_lock_left(f);
	bool bonding = s == MIGRATE_ACTIVATE;

	if (s == MIGRATE_REFUND || s == MIGRATE_SERVICE)
		return false;
	if (f->paused)
		str_add(why, "the protocol is paused; waiting until its governors let it go on");
	else if (bonding && f->round.initialized.v < f->round.current.v)
		str_printf(why, "round %lld is not initialised; waiting until somebody does that",
			(long long)f->round.current.v);
	else if (bonding && left)
		str_printf(why, "the end of round %lld is locked; waiting another %lld blocks",
			(long long)f->round.current.v, left);
	return why->len;
}

static void wait_for_chain(struct migration *m, enum migrate_step s)
{
	struct str why = STR_INIT, said = STR_INIT;

	for (;;) {
		struct chain_facts f = outpost_facts(m->outpost);

		str_truncate(&why, 0);
		if (!is_shut(&f, s, &why))
			break;
		if (strcmp(str_cstr(&why), str_cstr(&said)) != 0)
			migration_say(m, "%s", why.s);
		str_truncate(&said, 0);
		str_add(&said, why.s);
		poll(NULL, 0, LOOK_MS);
	}
	str_clear(&why);
	str_clear(&said);
}

/* --- one deed --- */

static unsigned count_failures(const struct migration *m, const char *step)
{
	unsigned n = 0;

	for (size_t i = 0; i < record_n(m->record); i++) {
		const struct migration_line *l = record_at(m->record, i);

		if (!strcmp(view_text(l->event), "failed") && !strcmp(view_text(l->step), step) &&
			*view_text(l->job))
			n++;
	}
	return n;
}

static void list_txs(const struct carried *c, struct str *out)
{
	for (size_t i = 0; i < c->n; i++) {
		str_add(out, i ? ", " : "");
		hash_fmt(out, c->txs[i].hash);
	}
}

static bool all_final(const struct carried *c, const struct tx_job **bad)
{
	bool final = true;

	*bad = NULL;
	for (size_t i = 0; i < c->n; i++) {
		final &= tx_state_is_final(c->txs[i].state);
		if (tx_state_is_final(c->txs[i].state) && c->txs[i].state != TX_CONFIRMED)
			*bad = &c->txs[i];
	}
	return final;
}

static void describe(const struct carried *c, struct str *out)
{
	if (c->state == CARRIED_UNDER_WAY) {
		str_add(out, c->why);
		return;
	}
	for (size_t i = 0; i < c->n; i++)
		if (!tx_state_is_final(c->txs[i].state))
			str_printf(out, "%stransaction %lld (%s) is %s", out->len ? ", " : "",
				(long long)c->txs[i].id, c->txs[i].note,
				tx_state_name(c->txs[i].state));
}

struct watching {
	struct migration *m;
	enum migrate_step step;
	char *job;
	struct str said, sent;
};

/* Hashes are in the record as soon as there are any. */
static struct err *tell(struct watching *w, const struct carried *c)
{
	struct str now = STR_INIT, txs = STR_INIT;
	struct err *e = NULL;

	describe(c, &now);
	if (now.len && strcmp(now.s, str_cstr(&w->said)) != 0)
		migration_say(w->m, "%s: %s", step_info(w->step)->name, now.s);
	str_truncate(&w->said, 0);
	str_add(&w->said, str_cstr(&now));
	list_txs(c, &txs);
	if (txs.len && strcmp(txs.s, str_cstr(&w->sent)) != 0) {
		e = migration_note(w->m, "sent", w->step,
			&(struct migration_line){.tx = txs.s, .job = w->job});
		str_truncate(&w->sent, 0);
		str_add(&w->sent, txs.s);
	}
	str_clear(&now);
	str_clear(&txs);
	return e;
}

/* *over: nothing comes after this any more. */
static struct err *judge(struct watching *w, const struct carried *c, bool *over)
{
	struct migration_line line = {.job = NULL};
	const struct tx_job *bad;
	struct str txs = STR_INIT;
	struct err *e = NULL;
	bool final = all_final(c, &bad);

	*over = c->state == CARRIED_FAILED || (c->state == CARRIED_DONE && final);
	if (!*over)
		return NULL;
	list_txs(c, &txs);
	line.tx = txs.s;
	line.job = w->job;
	if (c->state == CARRIED_FAILED || bad) {
		line.text = xstrdup(bad ? bad->error : c->why);
		e = migration_note(w->m, "failed", w->step, &line);
		if (!e)
			e = err_new(ERR_DENIED, "%s has come to nothing: %s; --resume tries it "
				"anew", step_info(w->step)->name, line.text);
	} else {
		e = migration_note(w->m, "done", w->step, &line);
	}
	free(line.text);
	str_clear(&txs);
	return e;
}

static struct err *watch(struct migration *m, enum migrate_step s, char *job)
{
	struct watching w = {.m = m, .step = s, .job = job};
	struct err *e = NULL;
	bool over = false;

	while (!e && !over) {
		struct carried *c = NULL;

		e = outpost_carried(m->outpost, job, &c);
		if (!e)
			e = tell(&w, c);
		if (!e)
			e = judge(&w, c, &over);
		carried_free(c);
		if (!e && !over)
			poll(NULL, 0, LOOK_MS);
	}
	str_clear(&w.said);
	str_clear(&w.sent);
	return e;
}

static struct err *carry(struct migration *m, enum migrate_step s, const struct deed *d,
	char *job)
{
	struct err *e = outpost_carry(m->outpost, d, job);

	return e ? e : watch(m, s, job);
}

/* It was begun by a process that is gone: nothing is asked again. */
static struct err *go_on(struct migration *m, enum migrate_step s,
	const struct migration_line *begun)
{
	char *job = xstrdup(view_text(begun->job));
	struct err *e;
	struct deed d;

	if (deed_parse(&d, view_text(begun->deed))) {
		migration_say(m, "%s goes on", step_info(s)->name);
		e = carry(m, s, &d, job);
	} else {
		e = err_new(ERR_INVALID, "%s: \"%s\" is no deed", record_path(m->record),
			view_text(begun->deed));
	}
	free(job);
	return e;
}

/* In one line, as a record has it. */
static char *in_a_line(const char *lines)
{
	struct str s = STR_INIT;

	for (const char *p = lines; *p;) {
		size_t n = strcspn(p, "\n");

		str_printf(&s, "%s%.*s", s.len ? "; " : "", (int)n, p);
		p += n + (p[n] == '\n');
		p += strspn(p, " ");
	}
	return str_take(&s);
}

/* Of the n-th attempt, from 1. */
static void name_job(struct str *out, const struct migration *m, enum migrate_step s,
	unsigned n)
{
	str_printf(out, "m-%.8s-%s-%u", m->id, step_info(s)->name, n);
}

static struct err *begin(struct migration *m, enum migrate_step s, const struct weighed *w)
{
	struct str deed = STR_INIT, job = STR_INIT;
	struct migration_line line = {.text = in_a_line(w->summary)};
	struct err *e;

	deed_fmt(&deed, &w->deed);
	name_job(&job, m, s, count_failures(m, step_info(s)->name) + 1);
	line.deed = deed.s;
	line.job = job.s;
	e = migration_note(m, "begun", s, &line);
	if (!e)
		e = carry(m, s, &w->deed, job.s);
	free(line.text);
	str_clear(&deed);
	str_clear(&job);
	return e;
}

/* The facts may have overtaken the plan: then there is nothing to do. */
static bool is_so_already(const struct err *e)
{
	return e && (err_kind(e) == ERR_DONE ||
		revert_find(err_text(e)) == REVERT_ALREADY_REFUNDED);
}

static struct err *skip(struct migration *m, enum migrate_step s, struct err *taken)
{
	struct migration_line line = {.text = xstrdup(err_text(taken))};
	struct err *e = migration_note(m, "skipped", s, &line);

	err_free(taken);
	free(line.text);
	return e;
}

/* What earlier attempts have done of a deed is not done again. */
static struct err *leave_out_done(struct migration *m, struct planned_step *s)
{
	unsigned failures = count_failures(m, step_info(s->step)->name);
	struct err *e = NULL;

	for (unsigned n = 1; n <= failures && !e; n++) {
		struct carried *c = NULL;
		struct str job = STR_INIT;

		name_job(&job, m, s->step, n);
		e = outpost_carried(m->outpost, job.s, &c);
		if (!e)
			plan_leave_out(&s->deed, c->txs, c->n);
		carried_free(c);
		str_clear(&job);
	}
	return e;
}

/* As much as is missing now, which the plan may be old for. */
static struct err *reckon_fund(struct migration *m, struct planned_step *s)
{
	struct migrate_wish wish;
	struct survey now;
	struct err *e = survey_make(m->config, m->account, (struct eth_addr){{0}},
		(struct eth_addr){{0}}, &now);

	if (e)
		return err_wrap(e, "the chain could not be read");
	choices_wish(&m->choices, m->config, "", &wish);
	if (!plan_fund(&s->deed, &wish, &now.stake))
		e = err_new(ERR_DONE, "deposit and reserve are there: there is nothing left to "
			"do");
	survey_clear(&now);
	return e;
}

/* Also by the contract's own word: the round may have been locked, or the
 * protocol paused, since it was looked at. */
static bool waiting_mends(const struct err *e)
{
	return e && (err_kind(e) == ERR_BUSY || revert_passes(revert_find(err_text(e))));
}

/* What was known a moment ago may not be so any more at the block that it is
 * weighed at: what waiting mends is waited for. */
static struct err *weigh(struct migration *m, struct planned_step *s, struct weighed **out)
{
	struct str said = STR_INIT;
	struct err *e;

	for (;;) {
		wait_for_chain(m, s->step);
		e = s->step == MIGRATE_FUND ? reckon_fund(m, s) : NULL;
		if (!e)
			e = outpost_weigh(m->outpost, &s->deed, out);
		if (!waiting_mends(e))
			break;
		if (strcmp(err_text(e), str_cstr(&said)) != 0)
			migration_say(m, "waiting: %s", err_text(e));
		str_truncate(&said, 0);
		str_add(&said, err_text(e));
		err_free(e);
		poll(NULL, 0, BLOCK_MS);
	}
	str_clear(&said);
	return e;
}

struct err *migration_chain_step(struct migration *m, const struct planned_step *planned)
{
	struct planned_step step = *planned, *s = &step;
	const struct migration_line *last = record_of_step(m->record, step_info(s->step)->name);
	struct weighed *w = NULL;
	struct err *e = open_outpost(m);

	if (e)
		return e;
	if (last && !strcmp(view_text(last->event), "begun"))
		return go_on(m, s->step, last);
	e = leave_out_done(m, s);
	if (!e)
		e = weigh(m, s, &w);
	if (is_so_already(e))
		return skip(m, s->step, e);
	if (e)
		return e;
	migration_say(m, "%s: %s", step_info(s->step)->name, w->summary);
	e = migration_confirm(m, step_info(s->step)->name, w->summary, "Send it?",
		w->word);
	if (!e)
		e = begin(m, s->step, w);
	weighed_free(w);
	return e;
}
