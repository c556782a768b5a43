#include "src/eth/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "src/eth/reading.h"

#define PPM 1000000

static void begin(struct reading *rd, const struct lookup *l)
{
	reading_begin(rd, l->rpc, l->contracts, l->at);
}

static void add(struct reading *rd, enum contract_fn fn)
{
	reading_add(rd, fn, NULL, 0);
}

static void add_of(struct reading *rd, enum contract_fn fn, struct eth_addr who)
{
	struct abi_value arg = abi_addr(who);

	reading_add(rd, fn, &arg, 1);
}

static struct wei get_wei(struct abi_in *in)
{
	return (struct wei){ abi_get_uint(in) };
}

static struct lpt get_lpt(struct abi_in *in)
{
	return (struct lpt){ abi_get_uint(in) };
}

static struct ppm get_ppm(struct abi_in *in)
{
	uint64_t v = abi_get_u64(in);

	if (v > PPM && !in->fault)
		in->fault = "more than 100 %";
	return (struct ppm){ in->fault ? 0 : (uint32_t)v };
}

struct err *lookup_head(struct rpc *r, struct block_header *out)
{
	bool found;
	struct err *e = rpc_header(r, AT_LATEST, out, &found);

	if (!e && !found)
		e = err_new(ERR_UNAVAILABLE, "there is no block yet");
	return e;
}

/* --- rounds and protocol --- */

/* blockHashForRound() of both rounds that tickets may be of. */
static void get_hashes(struct reading *rd, struct round_facts *out)
{
	uint64_t round = (uint64_t)out->initialized.v;
	struct abi_value last = abi_u64(round);
	struct abi_value before = abi_u64(round ? round - 1 : 0);

	reading_add(rd, FN_BLOCK_HASH_FOR_ROUND, &last, 1);
	reading_add(rd, FN_BLOCK_HASH_FOR_ROUND, &before, 1);
	reading_run(rd);
	out->hash = abi_get_bytes32(reading_next(rd));
	out->previous_hash = abi_get_bytes32(reading_next(rd));
}

/* RoundsManager.currentRoundLocked(): the last roundLockAmount of a round. */
static void get_lock(struct reading *rd, struct round_facts *out)
{
	struct abi_in *in = reading_next(rd);
	uint64_t length = abi_get_u64(in);
	uint64_t lock;

	if (length > INT32_MAX && !in->fault)
		in->fault = "a round without end";
	lock = length * get_ppm(reading_next(rd)).v / PPM; /* raw: a fraction */
	out->length = (int64_t)length;
	out->lock_from = out->length - (int64_t)lock;
}

struct err *lookup_round(const struct lookup *l, struct round_facts *out)
{
	struct reading rd;

	*out = (struct round_facts){ 0 };
	begin(&rd, l);
	add(&rd, FN_CURRENT_ROUND);
	add(&rd, FN_LAST_INITIALIZED_ROUND);
	add(&rd, FN_ROUND_START_BLOCK);
	add(&rd, FN_ROUND_LENGTH);
	add(&rd, FN_ROUND_LOCK_AMOUNT);
	add(&rd, FN_POOL_SIZE);
	add(&rd, FN_POOL_MAX_SIZE);
	add(&rd, FN_TICKET_VALIDITY_PERIOD);
	reading_run(&rd);
	out->current = abi_get_round(reading_next(&rd));
	out->initialized = abi_get_round(reading_next(&rd));
	out->start = abi_get_l1_block(reading_next(&rd));
	get_lock(&rd, out);
	out->pool_size = abi_get_u64(reading_next(&rd));
	out->pool_max = abi_get_u64(reading_next(&rd));
	out->ticket_validity = abi_get_u64(reading_next(&rd));
	get_hashes(&rd, out);
	return reading_end(&rd);
}

struct err *lookup_paused(const struct lookup *l, bool *out)
{
	struct reading rd;

	begin(&rd, l);
	add(&rd, FN_PAUSED);
	reading_run(&rd);
	*out = abi_get_bool(reading_next(&rd));
	return reading_end(&rd);
}

struct err *lookup_minter(const struct lookup *l, struct minter_facts *out)
{
	bool confluence = l->contracts->generation == GENERATION_CONFLUENCE;
	struct reading rd;

	*out = (struct minter_facts){ .divisor = confluence ? 1000 * PPM : PPM };
	begin(&rd, l);
	add(&rd, FN_INFLATION);
	add(&rd, FN_INFLATION_CHANGE);
	add(&rd, FN_TARGET_BONDING_RATE);
	add(&rd, FN_MINTABLE_TOKENS);
	add(&rd, FN_MINTED_TOKENS);
	add(&rd, confluence ? FN_GLOBAL_SUPPLY_CONFLUENCE : FN_TOTAL_SUPPLY);
	reading_run(&rd);
	out->inflation = abi_get_u64(reading_next(&rd));
	out->change = abi_get_u64(reading_next(&rd));
	out->target = abi_get_u64(reading_next(&rd));
	out->mintable = get_lpt(reading_next(&rd));
	out->minted = get_lpt(reading_next(&rd));
	out->supply = get_lpt(reading_next(&rd));
	return reading_end(&rd);
}

struct err *lookup_protocol(const struct lookup *l, struct protocol_facts *out)
{
	bool confluence = l->contracts->generation == GENERATION_CONFLUENCE;
	struct reading rd;

	*out = (struct protocol_facts){ 0 };
	begin(&rd, l);
	add(&rd, FN_UNBONDING_PERIOD);
	add(&rd, FN_UNLOCK_PERIOD);
	add(&rd, FN_TOTAL_BONDED);
	add(&rd, FN_NEXT_TOTAL_STAKE);
	if (l->contracts->launch)
		add(&rd, FN_MAX_CLAIM_ROUNDS_STREAMFLOW);
	if (confluence) /* its first years had no treasury */
		reading_try(&rd, FN_TREASURY_CUT_CONFLUENCE, NULL, 0);
	reading_run(&rd);
	out->unbonding_period = abi_get_u64(reading_next(&rd));
	out->unlock_period = abi_get_u64(reading_next(&rd));
	out->total_bonded = get_lpt(reading_next(&rd));
	out->next_total_stake = get_lpt(reading_next(&rd));
	if (l->contracts->launch)
		out->max_claim_rounds = abi_get_u64(reading_next(&rd));
	if (confluence && !reading_failed(&rd))
		out->treasury_cut = abi_get_uint(reading_next(&rd));
	return reading_end(&rd);
}

/* --- stake --- */

static void get_delegator(struct abi_in *in, struct delegator_facts *out)
{
	out->bonded = get_lpt(in);
	out->fees = get_wei(in);
	out->delegate = abi_get_addr(in);
	out->delegated = get_lpt(in);
	out->start = abi_get_round(in);
	out->last_claim = abi_get_round(in);
	out->next_lock = abi_get_u64(in);
}

static enum delegator_status get_status(struct abi_in *in)
{
	uint64_t v = abi_get_u64(in);

	if (v > DELEGATOR_UNBONDED && !in->fault)
		in->fault = "a status that there isn't";
	return in->fault ? DELEGATOR_UNBONDED : (enum delegator_status)v;
}

struct err *lookup_delegator(const struct lookup *l, struct eth_addr who,
	struct round_no current, struct delegator_facts *out)
{
	struct abi_value args[] = { abi_addr(who),
		abi_u64((uint64_t)current.v) };
	struct reading rd;

	*out = (struct delegator_facts){ 0 };
	begin(&rd, l);
	add_of(&rd, FN_GET_DELEGATOR, who);
	add_of(&rd, FN_DELEGATOR_STATUS, who);
	/* At first these reverted when all was claimed already. */
	reading_try(&rd, FN_PENDING_STAKE, args, 2);
	reading_try(&rd, FN_PENDING_FEES, args, 2);
	reading_run(&rd);
	get_delegator(reading_next(&rd), out);
	out->status = get_status(reading_next(&rd));
	out->pending_stake = reading_failed(&rd) ? out->bonded :
		get_lpt(reading_next(&rd));
	out->pending_fees = reading_failed(&rd) ? out->fees :
		get_wei(reading_next(&rd));
	return reading_end(&rd);
}

struct err *lookup_locks(const struct lookup *l, struct eth_addr who,
	uint64_t first, uint64_t next, struct unbonding_lock **out, size_t *n)
{
	struct reading rd;
	struct err *e;

	*out = NULL;
	*n = 0;
	if (next > first && next - first > LOOKUP_LOCKS_MAX)
		return err_new(ERR_LIMIT, "more than %d unbonding locks",
			LOOKUP_LOCKS_MAX);
	begin(&rd, l);
	for (uint64_t id = first; id < next; id++) {
		struct abi_value args[] = { abi_addr(who), abi_u64(id) };

		reading_add(&rd, FN_GET_UNBONDING_LOCK, args, 2);
	}
	reading_run(&rd);
	*out = xcalloc(next > first ? next - first : 1, sizeof(**out));
	for (uint64_t id = first; id < next; id++) {
		struct abi_in *in = reading_next(&rd);
		struct unbonding_lock lock = { .id = id };

		lock.amount = get_lpt(in);
		lock.withdraw_round = abi_get_round(in);
		if (lock.withdraw_round.v) /* else used, or never made */
			(*out)[(*n)++] = lock;
	}
	e = reading_end(&rd);
	if (e) {
		free(TAKE(*out));
		*n = 0;
	}
	return e;
}

static void get_transcoder(struct abi_in *in, struct transcoder_facts *out,
	bool launch)
{
	out->last_reward = abi_get_round(in);
	out->reward_cut = get_ppm(in);
	out->fee_share = get_ppm(in);
	out->last_stake_update = abi_get_round(in);
	out->activation = abi_get_round(in);
	out->deactivation = abi_get_round(in);
	if (launch)
		return;
	out->active_cumulative_rewards = get_lpt(in);
	out->cumulative_rewards = get_lpt(in);
	out->cumulative_fees = get_wei(in);
	out->last_fee = abi_get_round(in);
}

struct err *lookup_transcoder(const struct lookup *l, struct eth_addr who,
	struct transcoder_facts *out)
{
	struct reading rd;

	*out = (struct transcoder_facts){ 0 };
	begin(&rd, l);
	add_of(&rd, FN_GET_TRANSCODER, who);
	add_of(&rd, FN_IS_REGISTERED_TRANSCODER, who);
	add_of(&rd, FN_IS_ACTIVE_TRANSCODER, who);
	add_of(&rd, FN_TRANSCODER_TOTAL_STAKE, who);
	reading_run(&rd);
	get_transcoder(reading_next(&rd), out, l->contracts->launch);
	out->registered = abi_get_bool(reading_next(&rd));
	out->active = abi_get_bool(reading_next(&rd));
	out->total_stake = get_lpt(reading_next(&rd));
	return reading_end(&rd);
}

static void get_factors(struct abi_in *in, struct earnings_pool *out)
{
	out->has_factors = true;
	out->reward_factor = abi_get_uint(in);
	out->fee_factor = abi_get_uint(in);
}

static void get_streamflow_pool(struct abi_in *in, struct earnings_pool *out,
	bool launch)
{
	out->reward_pool = get_lpt(in);
	out->fee_pool = get_wei(in);
	out->total_stake = get_lpt(in);
	out->claimable_stake = get_lpt(in);
	out->reward_cut = get_ppm(in);
	out->fee_share = get_ppm(in);
	out->transcoder_reward_pool = get_lpt(in);
	out->transcoder_fee_pool = get_wei(in);
	(void)abi_get_bool(in); /* hasTranscoderRewardFeePool */
	if (!launch)
		get_factors(in, out);
}

static void get_confluence_pool(struct abi_in *in, struct earnings_pool *out)
{
	out->total_stake = get_lpt(in);
	out->reward_cut = get_ppm(in);
	out->fee_share = get_ppm(in);
	get_factors(in, out);
}

struct err *lookup_earnings_pool(const struct lookup *l, struct eth_addr who,
	struct round_no round, struct earnings_pool *out)
{
	struct abi_value args[] = { abi_addr(who), abi_u64((uint64_t)round.v) };
	struct reading rd;

	*out = (struct earnings_pool){ 0 };
	begin(&rd, l);
	reading_add(&rd, FN_GET_EARNINGS_POOL, args, 2);
	reading_run(&rd);
	switch (l->contracts->generation) {
	case GENERATION_STREAMFLOW:
		get_streamflow_pool(reading_next(&rd), out,
			l->contracts->launch);
		break;
	case GENERATION_CONFLUENCE:
		get_confluence_pool(reading_next(&rd), out);
		break;
	}
	return reading_end(&rd);
}

/* --- tickets --- */

struct err *lookup_sender(const struct lookup *l, struct eth_addr sender,
	struct eth_addr us, struct round_no round, struct sender_funds *out)
{
	struct abi_value args[] = { abi_addr(sender), abi_addr(us) };
	struct reading rd;
	struct abi_in *in;

	*out = (struct sender_funds){ .round = round };
	begin(&rd, l);
	add_of(&rd, FN_GET_SENDER_INFO, sender);
	reading_add(&rd, FN_CLAIMED_RESERVE, args, 2);
	reading_run(&rd);
	in = reading_next(&rd);
	out->deposit = get_wei(in);
	out->withdraw_round = abi_get_round(in);
	out->reserve = get_wei(in);
	out->claimed = get_wei(in);
	out->claimed_by_us = get_wei(reading_next(&rd));
	return reading_end(&rd);
}

struct err *lookup_claimable(const struct lookup *l, struct eth_addr sender,
	struct eth_addr recipient, struct wei *out)
{
	struct abi_value args[] = { abi_addr(sender), abi_addr(recipient) };
	struct reading rd;

	begin(&rd, l);
	reading_try(&rd, FN_CLAIMABLE_RESERVE, args, 2);
	reading_run(&rd);
	*out = reading_failed(&rd) ? WEI_ZERO : get_wei(reading_next(&rd));
	return reading_end(&rd);
}

struct err *lookup_used_tickets(const struct lookup *l,
	const struct hash32 *tickets, size_t n, bool *out)
{
	struct reading rd;

	begin(&rd, l);
	for (size_t i = 0; i < n; i++) {
		struct abi_value arg = abi_bytes32(tickets[i].b);

		reading_add(&rd, FN_USED_TICKETS, &arg, 1);
	}
	reading_run(&rd);
	for (size_t i = 0; i < n; i++)
		out[i] = abi_get_bool(reading_next(&rd));
	return reading_end(&rd);
}

/* --- token, faucet, service URI --- */

struct err *lookup_ether(const struct lookup *l, struct eth_addr who,
	struct wei *balance)
{
	return rpc_balance(l->rpc, who, l->at, balance);
}

struct err *lookup_token(const struct lookup *l, struct eth_addr who,
	struct lpt *balance, struct lpt *bonding_allowance)
{
	struct abi_value args[] = { abi_addr(who),
		abi_addr(l->contracts->addr[CONTRACT_BONDING]) };
	struct reading rd;

	begin(&rd, l);
	reading_add(&rd, FN_BALANCE_OF, args, 1);
	reading_add(&rd, FN_ALLOWANCE, args, 2);
	reading_run(&rd);
	*balance = get_lpt(reading_next(&rd));
	*bonding_allowance = get_lpt(reading_next(&rd));
	return reading_end(&rd);
}

struct err *lookup_faucet(const struct lookup *l, struct eth_addr who,
	struct faucet_facts *out)
{
	struct reading rd;

	*out = (struct faucet_facts){ 0 };
	if (!contracts_has(l->contracts, CONTRACT_FAUCET))
		return err_new(ERR_NOT_FOUND, "there is no faucet on this "
			"network");
	begin(&rd, l);
	add(&rd, FN_FAUCET_AMOUNT);
	add(&rd, FN_FAUCET_WAIT);
	add_of(&rd, FN_FAUCET_NEXT, who);
	reading_run(&rd);
	out->amount = get_lpt(reading_next(&rd));
	out->wait_hours = abi_get_u64(reading_next(&rd));
	out->next_s = abi_get_l1_block(reading_next(&rd)).v; /* raw: an int64 */
	return reading_end(&rd);
}

static void get_uri(struct abi_in *in, char out[static SERVICE_URI_MAX])
{
	const uint8_t *p;
	size_t n;

	*out = '\0';
	if (!abi_get_bytes(in, &p, &n, SERVICE_URI_MAX - 1))
		return;
	if (memchr(p, '\0', n) || !utf8_valid((const char *)p, n)) {
		in->fault = "what is no text";
	} else {
		memcpy(out, p, n);
		out[n] = '\0';
	}
}

struct err *lookup_service_uri(const struct lookup *l, struct eth_addr who,
	char out[static SERVICE_URI_MAX])
{
	struct reading rd;

	begin(&rd, l);
	add_of(&rd, FN_GET_SERVICE_URI, who);
	reading_run(&rd);
	get_uri(reading_next(&rd), out);
	return reading_end(&rd);
}

struct err *lookup_active(const struct lookup *l, const struct pool_member *who, size_t n,
	bool *out)
{
	struct reading rd;

	begin(&rd, l);
	for (size_t i = 0; i < n; i++)
		add_of(&rd, FN_IS_ACTIVE_TRANSCODER, who[i].addr);
	reading_run(&rd);
	for (size_t i = 0; i < n; i++)
		out[i] = abi_get_bool(reading_next(&rd));
	return reading_end(&rd);
}

struct err *lookup_service_uris(const struct lookup *l, const struct pool_member *who,
	size_t n, char (*out)[SERVICE_URI_MAX])
{
	struct reading rd;

	begin(&rd, l);
	for (size_t i = 0; i < n; i++)
		add_of(&rd, FN_GET_SERVICE_URI, who[i].addr);
	reading_run(&rd);
	for (size_t i = 0; i < n; i++) {
		struct abi_in *in = reading_next(&rd);

		get_uri(in, out[i]);
		in->fault = NULL; /* one's junk is nobody else's loss */
	}
	return reading_end(&rd);
}
