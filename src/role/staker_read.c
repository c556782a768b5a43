/* What the staker asks the chain: all at one block, in a dozen requests; the
 * pool and the parameters, which seldom change, only now and then. */
#include <stdlib.h>
#include <string.h>

#include "src/role/staker_private.h"

#define LOCKS_MAX 1000

static void *copy(const void *p, size_t n, size_t size)
{
	return n ? xmemdup(p, n * size) : NULL;
}

struct stake_reading *stake_reading_new(struct staker *s, bool all)
{
	struct stake_reading *r = XNEW(struct stake_reading);

	r->s = s;
	r->account = s->o.account;
	r->recipient = s->o.recipient;
	r->all = all || !s->facts.known;
	r->uris = r->all && s->o.reads_pool;
	r->old = s->facts;
	r->old.pool = copy(s->facts.pool, s->facts.pool_n, sizeof(*s->facts.pool));
	r->old.locks = NULL;
	r->old.locks_n = 0;
	return r;
}

void stake_reading_free(struct stake_reading *r)
{
	stake_facts_clear(&r->old);
	free(r->pool);
	free(r);
}

static struct err *read_account(const struct lookup *l, struct stake_facts *f)
{
	struct err *e = lookup_ether(l, f->account, &f->eth);

	if (!e)
		e = lookup_token(l, f->account, &f->lpt, &f->allowance);
	if (!e)
		e = lookup_delegator(l, f->account, f->chain.round.current, &f->delegator);
	if (!e)
		e = lookup_locks(l, f->account, f->delegator.next_lock > LOCKS_MAX
			? f->delegator.next_lock - LOCKS_MAX : 0,
			f->delegator.next_lock, &f->locks, &f->locks_n);
	return e;
}

/* BondingManager.sol rewardWithHint(): the stake it had when its stake of a
 * round was last set, which this round need not be. */
static struct err *read_reward_stake(const struct lookup *l, struct stake_facts *f)
{
	struct round_no round = f->chain.round.current;
	struct earnings_pool pool = {0};
	struct err *e = NULL;

	if (f->transcoder.last_stake_update.v < round.v)
		round = f->transcoder.last_stake_update;
	if (round.v)
		e = lookup_earnings_pool(l, f->recipient, round, &pool);
	f->reward_stake = pool.total_stake;
	return e;
}

static struct err *read_orchestrator(const struct lookup *l, struct stake_facts *f)
{
	struct err *e = lookup_transcoder(l, f->recipient, &f->transcoder);

	f->owner = f->delegator;
	if (!e && !stake_is_own(f))
		e = lookup_delegator(l, f->recipient, f->chain.round.current, &f->owner);
	if (!e)
		e = read_reward_stake(l, f);
	if (!e)
		e = lookup_service_uri(l, f->recipient, f->service_uri);
	/* Whatever was registered there by a former owner of the key. */
	if (e && err_kind(e) == ERR_PROTOCOL) {
		f->service_uri[0] = '\0';
		err_free(e);
		e = NULL;
	}
	return e;
}

static struct err *read_protocol(const struct lookup *l, struct stake_facts *f)
{
	struct err *e = lookup_protocol(l, &f->protocol);

	if (!e)
		e = lookup_minter(l, &f->minter);
	if (!e)
		e = lookup_pool(l, &f->pool, &f->pool_n);
	return e;
}

static struct err *read_uris(const struct lookup *l, const struct stake_facts *f,
	struct orchestrator_pool **out)
{
	char (*uris)[SERVICE_URI_MAX] = xcalloc(f->pool_n + 1, sizeof(*uris));
	bool *active = xcalloc(f->pool_n + 1, sizeof(*active));
	struct orchestrator_pool *p = xcalloc(1, sizeof(*p) + f->pool_n * sizeof(p->o[0]));
	struct err *e = lookup_service_uris(l, f->pool, f->pool_n, uris);

	if (!e)
		e = lookup_active(l, f->pool, f->pool_n, active);
	for (size_t i = 0; !e && i < f->pool_n; i++) {
		struct pool_orchestrator *o = &p->o[p->n];

		if (!*uris[i] || !active[i])
			continue;
		o->address = f->pool[i].addr;
		o->stake = f->pool[i].stake;
		memcpy(o->uri, uris[i], sizeof(o->uri));
		p->n++;
	}
	free(uris);
	free(active);
	if (e)
		free(TAKE(p));
	*out = p;
	return e;
}

/* What the operator did a second ago, maybe with another program, counts. */
static struct err *look_anew(struct lookup *l, struct chain_facts *f)
{
	struct block_header head;
	struct err *e = lookup_head(l->rpc, &head);

	if (e || head.number.v <= f->head.v)
		return e;
	f->head = head.number;
	f->l1 = head.l1;
	l->at = AT_NUMBER(head.number);
	return lookup_round(l, &f->round);
}

struct err *stake_read(void *ctx, struct rpc *rpc, const struct contracts *contracts,
	const struct chain_facts *facts, void **result)
{
	struct stake_reading *r = ctx;
	struct lookup l = {rpc, contracts, AT_NUMBER(facts->head)};
	struct stake_facts *f = XNEW(struct stake_facts);
	struct err *e;

	/* What is not read now is as it was. */
	*f = r->old;
	r->old = (struct stake_facts){0};
	f->chain = *facts;
	f->contracts = *contracts;
	f->account = r->account;
	f->recipient = r->recipient;
	e = r->fresh ? look_anew(&l, &f->chain) : NULL;
	if (!e)
		e = read_account(&l, f);
	if (!e)
		e = read_orchestrator(&l, f);
	if (!e && r->all)
		e = read_protocol(&l, f);
	if (!e && r->uris)
		e = read_uris(&l, f, &r->pool);
	if (!e)
		e = lookup_sender(&l, f->account, (struct eth_addr){0},
			facts->round.initialized, &f->funds);
	f->known = !e;
	if (e) {
		stake_facts_clear(f);
		free(TAKE(f));
	}
	*result = f;
	return e;
}

static struct err *look_at_chain(struct rpc *rpc, const struct contracts *contracts,
	struct chain_facts *f)
{
	struct lookup l = {.rpc = rpc, .contracts = contracts};
	struct block_header head;
	struct err *e = lookup_head(rpc, &head);

	if (e)
		return e;
	*f = (struct chain_facts){.ready = true, .chain_id = contracts->chain_id,
		.generation = contracts->generation, .head = head.number, .l1 = head.l1,
		.head_ms = head.time_ms};
	l.at = AT_NUMBER(head.number);
	e = lookup_round(&l, &f->round);
	if (!e)
		e = lookup_paused(&l, &f->paused);
	return e ? e : rpc_gas_price(rpc, &f->gas_price);
}

struct err *stake_look(struct rpc *rpc, const struct contracts *contracts,
	struct eth_addr account, struct eth_addr recipient, struct stake_facts *out)
{
	struct stake_reading r = {.account = account, .recipient = recipient, .all = true};
	struct chain_facts facts;
	void *found = NULL;
	struct err *e = look_at_chain(rpc, contracts, &facts);

	if (!e)
		e = stake_read(&r, rpc, contracts, &facts, &found);
	if (!e)
		*out = *(struct stake_facts *)found;
	free(found);
	return e;
}
