/* What a deed means in full, and why it cannot be done: the contracts' rules,
 * told before anything is sent, with the numbers and a remedy. */
#include <stdlib.h>
#include <string.h>

#include "src/crypto/ec.h"
#include "src/role/deed.h"
#include "src/role/reward.h"

struct amounts { /* as texts, for errors */
	struct str a, b;
};

static const char *lpt_text(struct str *s, struct lpt a)
{
	str_truncate(s, 0);
	lpt_fmt(s, a);
	return str_cstr(s);
}

static const char *wei_text(struct str *s, struct wei a)
{
	str_truncate(s, 0);
	wei_fmt_eth(s, a);
	return str_cstr(s);
}

static struct err *refuse(struct amounts *t, struct err *e)
{
	str_clear(&t->a);
	str_clear(&t->b);
	return e;
}

static struct err *check_round(const struct stake_facts *f)
{
	const struct chain_facts *c = &f->chain;

	if (c->paused)
		return err_new(ERR_BUSY, "the protocol is paused: nothing can be done on it "
			"until its governors let it go on");
	if (c->round.initialized.v < c->round.current.v)
		return err_new(ERR_BUSY, "round %lld is not initialised yet: wait for "
			"somebody to do it, or run `weir initialize_round`",
			(long long)c->round.current.v);
	return NULL;
}

static struct err *check_balance(const struct deed *d, const struct stake_facts *f)
{
	struct amounts t = {0};

	if (lpt_cmp(d->amount, f->lpt) <= 0)
		return NULL;
	return refuse(&t, err_new(ERR_INVALID, "%s %s: the account has %s", deed_name(d->kind),
		lpt_text(&t.a, d->amount), lpt_text(&t.b, f->lpt)));
}

static struct err *check_registered_key(const struct deed *d, const struct stake_facts *f)
{
	if (stake_is_own(f))
		return NULL;
	return err_new(ERR_DENIED, "%s must come from the orchestrator's own key; this node "
		"works for it (-ethOrchAddr) with another", deed_name(d->kind));
}

/* --- stake --- */

static struct err *resolve_bond(struct deed *d, const struct stake_facts *f)
{
	char name[EC_ADDR_TEXT_SIZE];

	if (lpt_is_zero(d->amount))
		return err_new(ERR_INVALID, "bond: nothing to bond");
	if (addr_is_zero(d->to))
		d->to = addr_is_zero(f->delegator.delegate) ? f->recipient
							    : f->delegator.delegate;
	ec_address_text(name, f->delegator.delegate.b);
	if (!addr_is_zero(f->delegator.delegate) && !addr_eq(d->to, f->delegator.delegate))
		return err_new(ERR_INVALID, "bond: the stake is with %s; `weir bond_to` moves "
			"all of it to another orchestrator", name);
	return check_balance(d, f);
}

static struct err *resolve_move(struct deed *d, const struct stake_facts *f)
{
	const struct delegator_facts *g = &f->delegator;

	if (addr_is_zero(g->delegate) || lpt_is_zero(g->bonded))
		return err_new(ERR_INVALID, "bond_to: nothing is bonded; `weir bond` does that");
	if (addr_eq(g->delegate, d->to))
		return err_new(ERR_INVALID, "bond_to: the stake is with that orchestrator "
			"already; `weir bond` adds to it");
	if (addr_eq(g->delegate, f->account))
		return err_new(ERR_INVALID, "bond_to: an orchestrator's own stake cannot move; "
			"unbond all of it first");
	return check_balance(d, f);
}

static struct err *resolve_unbond(struct deed *d, const struct stake_facts *f)
{
	const struct delegator_facts *g = &f->delegator;
	struct amounts t = {0};

	if (g->status == DELEGATOR_UNBONDED)
		return err_new(ERR_INVALID, "unbond: nothing is bonded");
	if (g->status == DELEGATOR_PENDING)
		return err_new(ERR_BUSY, "unbond: the bond takes effect in round %lld, and "
			"cannot be taken back before", (long long)g->start.v);
	if (lpt_is_zero(d->amount))
		return err_new(ERR_INVALID, "unbond: nothing to unbond");
	if (lpt_cmp(d->amount, g->pending_stake) > 0)
		return refuse(&t, err_new(ERR_INVALID, "unbond %s: %s is bonded",
			lpt_text(&t.a, d->amount), lpt_text(&t.b, g->pending_stake)));
	return NULL;
}

static struct err *no_lock(const struct deed *d, const struct stake_facts *f)
{
	struct str list = STR_INIT;
	struct err *e;

	for (size_t i = 0; i < f->locks_n && i < 20; i++) {
		str_printf(&list, "%s%llu (", i ? ", " : "",
			(unsigned long long)f->locks[i].id);
		lpt_fmt(&list, f->locks[i].amount);
		str_printf(&list, ", from round %lld)",
			(long long)f->locks[i].withdraw_round.v);
	}
	if (!f->locks_n)
		e = err_new(ERR_NOT_FOUND, "%s: nothing is unbonding", deed_name(d->kind));
	else if (d->has_lock)
		e = err_new(ERR_NOT_FOUND, "%s: there is no lock %llu; there are %s",
			deed_name(d->kind), (unsigned long long)d->lock, list.s);
	else
		e = err_new(ERR_INVALID, "%s: which lock? There are %s", deed_name(d->kind),
			list.s);
	str_clear(&list);
	return e;
}

/* Not told which: the only one there is, or the only one that is due. */
static struct err *resolve_lock(struct deed *d, const struct stake_facts *f, bool due)
{
	const struct unbonding_lock *l = NULL;
	size_t n = 0;

	for (size_t i = 0; !d->has_lock && i < f->locks_n; i++)
		if (!due || stake_lock_is_due(f, &f->locks[i])) {
			l = &f->locks[i];
			n++;
		}
	if (d->has_lock)
		l = stake_lock(f, d->lock);
	if (!l && due && !d->has_lock && f->locks_n == 1)
		l = &f->locks[0];
	if (!l || n > 1)
		return no_lock(d, f);
	d->has_lock = true;
	d->lock = l->id;
	if (due && !stake_lock_is_due(f, l))
		return err_new(ERR_BUSY, "withdraw_stake: lock %llu opens in round %lld, in %lld "
			"rounds", (unsigned long long)l->id,
			(long long)l->withdraw_round.v,
			(long long)(l->withdraw_round.v - f->chain.round.current.v));
	return NULL;
}

static struct err *resolve_rebond(struct deed *d, const struct stake_facts *f)
{
	struct err *e = resolve_lock(d, f, false);

	if (e)
		return e;
	if (f->delegator.status == DELEGATOR_UNBONDED && addr_is_zero(d->to))
		d->to = f->recipient;
	if (f->delegator.status != DELEGATOR_UNBONDED && !addr_is_zero(d->to) &&
		!addr_eq(d->to, f->delegator.delegate))
		return err_new(ERR_INVALID, "rebond: what is still bonded decides whom it goes "
			"to; leave the orchestrator out");
	if (f->delegator.status != DELEGATOR_UNBONDED)
		d->to = f->delegator.delegate;
	return NULL;
}

static struct err *resolve_fees(struct deed *d, const struct stake_facts *f)
{
	bool confluence = f->contracts.generation == GENERATION_CONFLUENCE;
	struct amounts t = {0};

	if (wei_is_zero(f->delegator.pending_fees))
		return err_new(ERR_INVALID, "withdraw_fees: there are none");
	/* All of them is no amount: it is what this made of none. */
	if (!confluence && ((!wei_is_zero(d->fees) &&
		wei_cmp(d->fees, f->delegator.pending_fees) != 0) ||
		(!addr_is_zero(d->to) && !addr_eq(d->to, f->account))))
		return err_new(ERR_INVALID, "withdraw_fees: on this network all fees go to the "
			"account itself; give neither amount nor recipient");
	if (addr_is_zero(d->to))
		d->to = f->account;
	if (wei_is_zero(d->fees))
		d->fees = f->delegator.pending_fees;
	if (wei_cmp(d->fees, f->delegator.pending_fees) > 0)
		return refuse(&t, err_new(ERR_INVALID, "withdraw_fees %s: there are %s",
			wei_text(&t.a, d->fees),
			wei_text(&t.b, f->delegator.pending_fees)));
	return NULL;
}

static struct err *resolve_claim(const struct stake_facts *f)
{
	if (f->delegator.status == DELEGATOR_UNBONDED)
		return err_new(ERR_INVALID, "claim_earnings: nothing is bonded");
	if (f->delegator.last_claim.v >= f->chain.round.current.v)
		return err_new(ERR_INVALID, "claim_earnings: all is claimed up to round %lld",
			(long long)f->delegator.last_claim.v);
	return NULL;
}

/* --- the orchestrator --- */

/* "https://host:port": what broadcasters dial. */
static struct err *check_uri(const char *uri)
{
	bool https = str_has_prefix(uri, "https://");
	const char *host = https ? uri + strlen("https://") : uri;
	const char *port = strrchr(host, ':');
	int64_t number;

	if (!https || !port || port == host || !parse_i64(port + 1, &number) ||
		number < 1 || number > 65535 || strpbrk(host, "/?# @"))
		return err_new(ERR_INVALID, "service URI \"%s\": write https://host:port", uri);
	if (str_has_prefix(host, "0.0.0.0:") || str_has_prefix(host, "[::]:"))
		return err_new(ERR_INVALID, "service URI \"%s\": nobody can reach that; write "
			"the address that others see", uri);
	return NULL;
}

static struct err *check_cuts(const struct deed *d, const struct stake_facts *f)
{
	const struct transcoder_facts *t = &f->transcoder;
	const struct chain_facts *c = &f->chain;
	enum deed_step steps[DEED_STEPS_MAX];
	size_t n = deed_steps(d, f, steps);
	bool changes = false;

	for (size_t i = 0; i < n; i++)
		changes |= steps[i] == STEP_TRANSCODER;
	if (!changes)
		return NULL;
	if (round_lock_left(c))
		return err_new(ERR_BUSY, "%s: the end of the round is locked for changes; the "
			"next begins in %lld blocks", deed_name(d->kind),
			(long long)round_lock_left(c));
	if (t->active && t->last_reward.v < c->round.current.v)
		return err_new(ERR_BUSY, "%s: an active orchestrator's shares change only after "
			"its reward of the round is called: run `weir reward` first",
			deed_name(d->kind));
	return NULL;
}

static struct err *resolve_set(struct deed *d, const struct stake_facts *f)
{
	enum deed_step steps[DEED_STEPS_MAX];
	struct err *e = check_registered_key(d, f);

	if (!e && *d->uri)
		e = check_uri(d->uri);
	if (!e && (d->has_cut || d->has_share)) {
		if (!f->transcoder.registered)
			return err_new(ERR_INVALID, "set_orchestrator: this account is no "
				"orchestrator yet; `weir activate` makes it one");
		e = check_cuts(d, f);
		if (!d->has_cut)
			d->reward_cut = f->transcoder.reward_cut;
		if (!d->has_share)
			d->fee_share = f->transcoder.fee_share;
		d->has_cut = d->has_share = true;
	}
	if (!e && !deed_steps(d, f, steps))
		e = err_new(ERR_DONE, "set_orchestrator: all of it is so already");
	return e;
}

static struct err *check_stake(const struct deed *d, const struct stake_facts *f)
{
	const struct delegator_facts *g = &f->delegator;
	char name[EC_ADDR_TEXT_SIZE];

	ec_address_text(name, g->delegate.b);
	if (!addr_is_zero(g->delegate) && !addr_eq(g->delegate, f->account))
		return err_new(ERR_INVALID, "activate: the stake is with %s; an orchestrator's "
			"is with itself: `weir bond_to` your own address first", name);
	if (lpt_is_zero(d->amount) && !d->has_lock && lpt_is_zero(g->bonded))
		return err_new(ERR_INVALID, "activate: an orchestrator has stake of its own: "
			"give an amount to bond, or a lock to rebond");
	return check_balance(d, f);
}

static struct err *resolve_activate(struct deed *d, const struct stake_facts *f)
{
	const struct transcoder_facts *t = &f->transcoder;
	enum deed_step steps[DEED_STEPS_MAX];
	bool fresh = !t->registered && !t->activation.v;
	struct err *e = check_registered_key(d, f);

	if (!e)
		e = check_stake(d, f);
	if (!e && d->has_lock)
		e = resolve_lock(d, f, false);
	if (!e && fresh && (!d->has_cut || !d->has_share))
		e = err_new(ERR_INVALID, "activate: give reward_cut (what you keep of "
			"inflation) and fee_share (what delegators get of fees) or fee_cut "
			"(what you keep of them)");
	if (!e && !*d->uri && !*f->service_uri)
		e = err_new(ERR_INVALID, "activate: give service_uri, the address at which "
			"broadcasters reach this orchestrator: https://host:port");
	if (!e && *d->uri)
		e = check_uri(d->uri);
	if (e)
		return e;
	d->to = f->account;
	if (!d->has_cut)
		d->reward_cut = t->reward_cut;
	if (!d->has_share)
		d->fee_share = t->fee_share;
	d->has_cut = d->has_share = true;
	e = check_cuts(d, f);
	if (!e && !deed_steps(d, f, steps))
		e = err_new(ERR_DONE, "activate: it is done: registered, in the pool, with "
			"this service URI");
	return e;
}

static struct err *resolve_reward(const struct deed *d, const struct stake_facts *f)
{
	const struct transcoder_facts *t = &f->transcoder;
	struct err *e = check_registered_key(d, f);

	if (!e && !t->active)
		e = err_new(ERR_INVALID, "reward: not active in round %lld",
			(long long)f->chain.round.current.v);
	if (!e && t->last_reward.v >= f->chain.round.current.v)
		e = err_new(ERR_INVALID, "reward: it is called in round %lld",
			(long long)t->last_reward.v);
	return e;
}

/* --- a broadcaster's funds --- */

static struct err *resolve_fund(const struct deed *d, const struct stake_facts *f)
{
	struct amounts t = {0};
	struct wei sum;

	if (!wei_add(&sum, d->deposit, d->reserve) || wei_is_zero(sum))
		return err_new(ERR_INVALID, "fund: give a deposit, a reserve, or both");
	if (wei_cmp(sum, f->eth) >= 0)
		return refuse(&t, err_new(ERR_INVALID, "fund %s: the account has %s, and the "
			"transaction costs gas", wei_text(&t.a, sum),
			wei_text(&t.b, f->eth)));
	return NULL;
}

static struct err *resolve_unlock(const struct deed *d, const struct stake_facts *f)
{
	long long round = (long long)f->funds.withdraw_round.v;
	enum funds_state state = funds_state(&f->funds, f->chain.round.current);

	if (state == FUNDS_EMPTY)
		return err_new(ERR_INVALID, "%s: deposit and reserve are zero",
			deed_name(d->kind));
	if (d->kind == DEED_UNLOCK && state != FUNDS_LOCKED)
		return err_new(ERR_INVALID, "unlock: it was asked for already; the funds may be "
			"withdrawn from round %lld", round);
	if (d->kind == DEED_CANCEL_UNLOCK && state == FUNDS_LOCKED)
		return err_new(ERR_INVALID, "cancel_unlock: nothing is unlocking");
	if (d->kind == DEED_WITHDRAW && state == FUNDS_LOCKED)
		return err_new(ERR_INVALID, "withdraw: the funds are locked; `weir unlock` first, "
			"then wait %llu rounds",
			(unsigned long long)f->protocol.unlock_period);
	if (d->kind == DEED_WITHDRAW && state == FUNDS_UNLOCKING)
		return err_new(ERR_BUSY, "withdraw: the funds are locked until round %lld, another "
			"%lld rounds", round, round - (long long)f->chain.round.current.v);
	return NULL;
}

static struct err *resolve_kind(struct deed *d, const struct stake_facts *f)
{
	switch (d->kind) {
	case DEED_BOND:
		return resolve_bond(d, f);
	case DEED_MOVE:
		return resolve_move(d, f);
	case DEED_UNBOND:
		return resolve_unbond(d, f);
	case DEED_REBOND:
		return resolve_rebond(d, f);
	case DEED_WITHDRAW_STAKE:
		return resolve_lock(d, f, true);
	case DEED_WITHDRAW_FEES:
		return resolve_fees(d, f);
	case DEED_CLAIM:
		return resolve_claim(f);
	case DEED_ACTIVATE:
		return resolve_activate(d, f);
	case DEED_SET_ORCHESTRATOR:
		return resolve_set(d, f);
	case DEED_REWARD:
		return resolve_reward(d, f);
	case DEED_INITIALIZE_ROUND:
		if (f->chain.round.initialized.v >= f->chain.round.current.v)
			return err_new(ERR_INVALID, "initialize_round: round %lld is "
				"initialised", (long long)f->chain.round.current.v);
		return NULL;
	case DEED_FUND:
		return resolve_fund(d, f);
	case DEED_UNLOCK:
	case DEED_CANCEL_UNLOCK:
	case DEED_WITHDRAW:
		return resolve_unlock(d, f);
	case DEED_FAUCET:
		if (!contracts_has(&f->contracts, CONTRACT_FAUCET))
			return err_new(ERR_NOT_FOUND, "request_tokens: this network has no "
				"faucet");
		return NULL;
	case DEED_REFUND:
		return addr_is_zero(d->to) ? err_new(ERR_INVALID, "refund: no Refunder is "
			"known on this network") : NULL;
	case DEED_KINDS:
		break;
	}
	return err_new(ERR_INVALID, "no such deed");
}

struct err *deed_resolve(struct deed *d, const struct stake_facts *f)
{
	struct err *e;

	if (!f->known || !f->chain.ready)
		return err_new(ERR_UNAVAILABLE, "%s: the chain has not been read yet; is -ethUrl "
			"reachable?", deed_name(d->kind));
	e = resolve_kind(d, f);
	/* What is wrong in itself is told before what time will mend. */
	if (!e && d->kind < DEED_FUND && d->kind != DEED_INITIALIZE_ROUND)
		e = check_round(f);
	return e;
}
