/* VERIFY: what was made is read once more, as a node would read it. */
#include <stdlib.h>
#include <string.h>

#include "src/crypto/ec.h"
#include "src/wizard/migration.h"
#include "src/node/datadir.h"
#include "src/node/unlock.h"
#include "src/role/ticket_trial.h"
#include "src/wizard/trial.h"

static struct err *check_config(struct migration *m)
{
	struct config *c = config_new();
	struct err *e = config_read_file(c, m->config_path);

	if (!e)
		e = config_check(c);
	if (!e)
		e = config_check_start(c);
	config_free(c);
	return err_wrap(e, "the new configuration");
}

static void say_nothing(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

/* As the node will choose it, not as we know it. */
static struct err *check_account(struct migration *m)
{
	struct keydir_entry entry;
	struct err *e;
	bool same;

	if (!config_is_onchain(m->config))
		return NULL;
	e = unlock_choose(m->config, (struct remarks){say_nothing, NULL}, &entry);
	same = !e && entry.key.has_address && addr_eq(entry.key.address, m->account);
	keydir_entry_clear(&entry);
	if (!e && !same)
		e = err_new(ERR_INTERNAL, "the new node would take another account");
	return err_wrap(e, "the new keystore");
}

static int64_t blocks_left(const struct stake_facts *f)
{
	const struct round_facts *r = &f->chain.round;

	if (f->transcoder.active || f->transcoder.activation.v <= r->current.v)
		return 0;
	return (f->transcoder.activation.v - r->current.v - 1) * r->length +
		(r->start.v + r->length - f->chain.l1.v);
}

static struct err *check_orchestrator(struct migration *m, const struct stake_facts *f)
{
	const struct transcoder_facts *t = &f->transcoder;

	if (!(config_roles(m->config) & OPTION_O))
		return NULL;
	if (m->left_out[MIGRATE_ACTIVATE] && (!t->registered || !t->activation.v)) {
		migration_remark(m, "warn", "active", "the orchestrator is not in the pool, since "
			"that step was left out: `weir activate` on the new node takes it");
		return NULL;
	}
	if (!t->registered || !t->activation.v || t->deactivation.v != ROUND_NEVER.v)
		return err_new(ERR_INVALID, "the orchestrator is not in the pool: `weir activate` "
			"on the new node says why");
	m->report->blocks_left = blocks_left(f);
	if (m->report->blocks_left)
		migration_remark(m, "ok", "active", "it will be active in round %lld, in %lld "
			"blocks", (long long)t->activation.v, (long long)m->report->blocks_left);
	else
		migration_remark(m, "ok", "active", "it is active");
	return NULL;
}

static struct err *check_chain(struct migration *m)
{
	struct survey s;
	struct err *e = survey_make(m->config, m->account, (struct eth_addr){0},
		(struct eth_addr){0}, &s);

	if (e)
		return err_wrap(e, "the chain could not be read");
	if (plan_is_on_chain(&m->plan) || choices_yes(&m->choices, CHOICE_CHAIN_STEPS, true))
		e = s.moved_on ? NULL : check_orchestrator(m, &s.stake);
	survey_clear(&s);
	return e;
}

/* --- does it work? --- */

/* What is in the way of work, and not of the migration, is said and no more. */
static void try_stream(struct migration *m)
{
	struct trial t = {.why = NULL};
	unsigned roles = config_roles(m->config);
	struct err *e;

	if (!(roles & OPTION_O) || !choices_yes(&m->choices, CHOICE_TRY_OUT, true))
		return;
	if (!(roles & OPTION_T)) {
		migration_remark(m, "note", "stream", "not tried: the transcoders of this "
			"orchestrator are other machines");
		return;
	}
	e = trial_run(m->config, m->trial_path, &t);
	if (e)
		migration_remark(m, "warn", "stream", "not tried: %s", err_text(e));
	else if (t.public_works)
		migration_remark(m, "ok", "stream", "a second of video went over %s, was "
			"transcoded and came back", config_text(m->config, OPT_SERVICE_ADDR));
	else if (t.local_works)
		migration_remark(m, "warn", "stream", "the work is done, but %s is not reachable "
			"from here (%s): is the port open, and forwarded to this machine? Some "
			"routers let nobody out and in again; then try it from elsewhere",
			config_text(m->config, OPT_SERVICE_ADDR), t.why);
	else
		migration_remark(m, "warn", "stream", "a second of video was not transcoded "
			"(%s): `weir doctor` and the log of the new node say more", t.why);
	err_free(e);
	trial_clear(&t);
}

static void try_tickets(struct migration *m)
{
	struct ticket_trial t;
	struct err *e = m->signer ? ticket_trial(m->signer, &t) : NULL;

	if (e)
		migration_remark(m, "warn", "tickets", "%s", err_text(e));
	else if (m->signer)
		migration_remark(m, "ok", "tickets", "the key signs tickets that are taken: %u of "
			"%u won, in a game of its own", t.won, t.won + t.lost);
	err_free(e);
}

struct err *migration_verify(struct migration *m)
{
	struct err *e = check_config(m);

	if (!e)
		e = check_account(m);
	if (!e && config_is_onchain(m->config))
		e = check_chain(m);
	if (e)
		return e;
	if (config_is_onchain(m->config))
		try_tickets(m);
	try_stream(m);
	return NULL;
}
