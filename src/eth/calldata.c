#include "src/eth/calldata.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/abi.h"

#define PROOF_MAX 64

void contract_call_clear(struct contract_call *c)
{
	str_clear(&c->data);
	*c = (struct contract_call){ .fn = FN_N };
}

struct eth_call contract_call_as(const struct contract_call *c,
	struct eth_addr from)
{
	return (struct eth_call){ .to = c->to, .has_from = true, .from = from,
		.value = c->value, .data = (const uint8_t *)c->data.s,
		.data_n = c->data.len };
}

/* --- how all of them are made --- */

static void begin(struct contract_call *out, const struct contracts *c,
	enum contract_fn fn, const struct abi_value *args, size_t n)
{
	*out = (struct contract_call){ .fn = fn,
		.to = c->addr[fn_contract(fn)] };
	abi_call(&out->data, fn_selector(fn), args, n);
}

static struct err *need(const struct contracts *c, enum contract_fn fn)
{
	enum contract which = fn_contract(fn);

	if (contracts_has(c, which))
		return NULL;
	return err_new(ERR_INVALID, "there is no %s on this network",
		contract_name(which));
}

static struct err *need_generation(const struct contracts *c,
	enum generation generation, enum contract_fn fn)
{
	if (c->generation == generation)
		return need(c, fn);
	return err_new(ERR_INVALID, "the contracts of this network have no %s",
		fn_signature(fn));
}

static struct abi_value lpt_value(struct lpt amount)
{
	return abi_uint(amount.v); /* raw: a word of the chain */
}

static struct abi_value wei_value(struct wei amount)
{
	return abi_uint(amount.v); /* raw: a word of the chain */
}

static struct abi_value round_value(struct round_no round)
{
	return round.v == INT64_MAX ? abi_uint(U256_MAX) :
		abi_u64((uint64_t)round.v);
}

/* One function for both of a pair: with hints, the same and two addresses. */
static void hinted(struct contract_call *out, const struct contracts *c,
	enum contract_fn plain, enum contract_fn with_hint,
	const struct abi_value *args, size_t n, const struct pool_hints *h)
{
	struct abi_value all[4];

	assert(n + 2 <= ARRAY_SIZE(all));
	if (!h) {
		begin(out, c, plain, args, n);
		return;
	}
	if (n)
		memcpy(all, args, n * sizeof(*args));
	all[n] = abi_addr(h->prev);
	all[n + 1] = abi_addr(h->next);
	begin(out, c, with_hint, all, n + 2);
}

/* --- LivepeerToken and its faucet --- */

void calldata_approve(struct contract_call *out, const struct contracts *c,
	struct eth_addr spender, struct lpt amount)
{
	struct abi_value args[] = { abi_addr(spender), lpt_value(amount) };

	begin(out, c, FN_APPROVE, args, 2);
}

void calldata_transfer(struct contract_call *out, const struct contracts *c,
	struct eth_addr to, struct lpt amount)
{
	struct abi_value args[] = { abi_addr(to), lpt_value(amount) };

	begin(out, c, FN_TRANSFER, args, 2);
}

struct err *calldata_faucet(struct contract_call *out,
	const struct contracts *c)
{
	begin(out, c, FN_FAUCET_REQUEST, NULL, 0);
	return need(c, FN_FAUCET_REQUEST);
}

/* --- RoundsManager --- */

void calldata_initialize_round(struct contract_call *out,
	const struct contracts *c)
{
	begin(out, c, FN_INITIALIZE_ROUND, NULL, 0);
}

/* --- BondingManager --- */

void calldata_bond(struct contract_call *out, const struct contracts *c,
	struct lpt amount, struct eth_addr delegate,
	const struct pool_hints *from, const struct pool_hints *to)
{
	struct abi_value args[6] = { lpt_value(amount), abi_addr(delegate) };

	if (!from || !to) {
		begin(out, c, FN_BOND, args, 2);
		return;
	}
	args[2] = abi_addr(from->prev);
	args[3] = abi_addr(from->next);
	args[4] = abi_addr(to->prev);
	args[5] = abi_addr(to->next);
	begin(out, c, FN_BOND_WITH_HINT, args, 6);
}

struct err *calldata_bond_for(struct contract_call *out,
	const struct contracts *c, struct lpt amount, struct eth_addr owner,
	struct eth_addr delegate, const struct pool_hints *from,
	const struct pool_hints *to)
{
	static const struct pool_hints none;
	const struct pool_hints *f = from ? from : &none, *t = to ? to : &none;
	struct abi_value args[] = { lpt_value(amount), abi_addr(owner),
		abi_addr(delegate), abi_addr(f->prev), abi_addr(f->next),
		abi_addr(t->prev), abi_addr(t->next) };

	begin(out, c, FN_BOND_FOR_WITH_HINT_CONFLUENCE, args, 7);
	return need_generation(c, GENERATION_CONFLUENCE, out->fn);
}

void calldata_transcoder(struct contract_call *out, const struct contracts *c,
	struct ppm reward_cut, struct ppm fee_share,
	const struct pool_hints *hints)
{
	/* raw: words of the chain, parts per million as well */
	struct abi_value args[] = { abi_u64(reward_cut.v),
		abi_u64(fee_share.v) };

	hinted(out, c, FN_TRANSCODER, FN_TRANSCODER_WITH_HINT, args, 2, hints);
}

void calldata_unbond(struct contract_call *out, const struct contracts *c,
	struct lpt amount, const struct pool_hints *hints)
{
	struct abi_value arg = lpt_value(amount);

	hinted(out, c, FN_UNBOND, FN_UNBOND_WITH_HINT, &arg, 1, hints);
}

void calldata_rebond(struct contract_call *out, const struct contracts *c,
	uint64_t lock, const struct pool_hints *hints)
{
	struct abi_value arg = abi_u64(lock);

	hinted(out, c, FN_REBOND, FN_REBOND_WITH_HINT, &arg, 1, hints);
}

void calldata_rebond_from_unbonded(struct contract_call *out,
	const struct contracts *c, struct eth_addr delegate, uint64_t lock,
	const struct pool_hints *hints)
{
	struct abi_value args[] = { abi_addr(delegate), abi_u64(lock) };

	hinted(out, c, FN_REBOND_FROM_UNBONDED,
		FN_REBOND_FROM_UNBONDED_WITH_HINT, args, 2, hints);
}

void calldata_withdraw_stake(struct contract_call *out,
	const struct contracts *c, uint64_t lock)
{
	struct abi_value arg = abi_u64(lock);

	begin(out, c, FN_WITHDRAW_STAKE, &arg, 1);
}

void calldata_withdraw_fees(struct contract_call *out,
	const struct contracts *c, struct eth_addr recipient,
	struct wei amount)
{
	struct abi_value args[] = { abi_addr(recipient), wei_value(amount) };

	switch (c->generation) {
	case GENERATION_STREAMFLOW:
		begin(out, c, FN_WITHDRAW_FEES_STREAMFLOW, NULL, 0);
		break;
	case GENERATION_CONFLUENCE:
		begin(out, c, FN_WITHDRAW_FEES_CONFLUENCE, args, 2);
		break;
	}
}

void calldata_claim_earnings(struct contract_call *out,
	const struct contracts *c, struct round_no end)
{
	struct abi_value arg = round_value(end);

	begin(out, c, FN_CLAIM_EARNINGS, &arg, 1);
}

struct err *calldata_claim_snapshot(struct contract_call *out,
	const struct contracts *c, struct lpt stake, struct wei fees,
	const struct hash32 *proof, size_t proof_n)
{
	uint8_t words[PROOF_MAX][ABI_WORD];
	struct abi_value args[4] = { lpt_value(stake), wei_value(fees) };

	if (proof_n > PROOF_MAX)
		return err_new(ERR_LIMIT, "a proof of more than %d hashes",
			PROOF_MAX);
	for (size_t i = 0; i < proof_n; i++)
		memcpy(words[i], proof[i].b, ABI_WORD);
	args[2] = abi_words((const uint8_t (*)[ABI_WORD])words, proof_n);
	args[3] = abi_bytes(NULL, 0);
	begin(out, c, FN_CLAIM_SNAPSHOT_EARNINGS_STREAMFLOW, args, 4);
	return need_generation(c, GENERATION_STREAMFLOW, out->fn);
}

void calldata_reward(struct contract_call *out, const struct contracts *c,
	const struct pool_hints *hints)
{
	hinted(out, c, FN_REWARD, FN_REWARD_WITH_HINT, NULL, 0, hints);
}

struct err *calldata_transfer_bond(struct contract_call *out,
	const struct contracts *c, struct eth_addr to, struct lpt amount,
	const struct pool_hints *from_hints, const struct pool_hints *to_hints)
{
	static const struct pool_hints none;
	const struct pool_hints *f = from_hints ? from_hints : &none;
	const struct pool_hints *t = to_hints ? to_hints : &none;
	struct abi_value args[] = { abi_addr(to), lpt_value(amount),
		abi_addr(f->prev), abi_addr(f->next), abi_addr(t->prev),
		abi_addr(t->next) };

	begin(out, c, FN_TRANSFER_BOND_CONFLUENCE, args, 6);
	return need_generation(c, GENERATION_CONFLUENCE, out->fn);
}

struct err *calldata_checkpoint(struct contract_call *out,
	const struct contracts *c, struct eth_addr who)
{
	struct abi_value arg = abi_addr(who);

	begin(out, c, FN_CHECKPOINT_BONDING_STATE_CONFLUENCE, &arg, 1);
	return need_generation(c, GENERATION_CONFLUENCE, out->fn);
}

/* --- TicketBroker --- */

static struct err *set_sum(struct contract_call *out, struct wei deposit,
	struct wei reserve)
{
	if (!wei_add(&out->value, deposit, reserve))
		return err_new(ERR_INVALID, "deposit and reserve are more than "
			"there can be");
	if (wei_is_zero(out->value))
		return err_new(ERR_INVALID, "nothing to fund");
	return NULL;
}

struct err *calldata_fund(struct contract_call *out, const struct contracts *c,
	struct wei deposit, struct wei reserve)
{
	struct abi_value args[] = { wei_value(deposit), wei_value(reserve) };

	if (wei_is_zero(reserve))
		begin(out, c, FN_FUND_DEPOSIT, NULL, 0);
	else if (wei_is_zero(deposit))
		begin(out, c, FN_FUND_RESERVE, NULL, 0);
	else
		begin(out, c, FN_FUND_DEPOSIT_AND_RESERVE, args, 2);
	return set_sum(out, deposit, reserve);
}

struct err *calldata_fund_for(struct contract_call *out,
	const struct contracts *c, struct eth_addr who, struct wei deposit,
	struct wei reserve)
{
	struct abi_value args[] = { abi_addr(who), wei_value(deposit),
		wei_value(reserve) };
	struct err *e;

	begin(out, c, FN_FUND_DEPOSIT_AND_RESERVE_FOR_CONFLUENCE, args, 3);
	e = need_generation(c, GENERATION_CONFLUENCE, out->fn);
	return e ? e : set_sum(out, deposit, reserve);
}

void calldata_unlock(struct contract_call *out, const struct contracts *c)
{
	begin(out, c, FN_UNLOCK, NULL, 0);
}

void calldata_cancel_unlock(struct contract_call *out,
	const struct contracts *c)
{
	begin(out, c, FN_CANCEL_UNLOCK, NULL, 0);
}

void calldata_withdraw(struct contract_call *out, const struct contracts *c)
{
	begin(out, c, FN_WITHDRAW, NULL, 0);
}

void calldata_refund(struct contract_call *out, struct eth_addr refunder,
	struct eth_addr who)
{
	const struct contracts c = { .addr[CONTRACT_REFUNDER] = refunder };
	struct abi_value args[] = { abi_addr(who) };

	begin(out, &c, FN_REFUND, args, 1);
}

void calldata_redeem(struct contract_call *out, const struct contracts *c,
	const struct winning_ticket *w)
{
	const struct ticket *t = &w->ticket;
	uint8_t aux[2 * ABI_WORD];
	struct abi_value ticket[] = { abi_addr(t->recipient),
		abi_addr(t->sender), wei_value(t->face_value),
		abi_uint(t->win_prob.v), /* raw: a word of the chain */
		abi_u64(t->nonce), abi_bytes32(t->rand_hash.b),
		abi_bytes(aux, sizeof(aux)) };
	struct abi_value args[] = { abi_tuple(ticket, ARRAY_SIZE(ticket)),
		abi_bytes(w->sig.b, sizeof(w->sig.b)), abi_uint(w->rand) };

	u256_to_be(aux, u256_from((uint64_t)t->created.round.v));
	memcpy(aux + ABI_WORD, t->created.block_hash.b, ABI_WORD);
	begin(out, c, FN_REDEEM_WINNING_TICKET, args, ARRAY_SIZE(args));
}

/* --- ServiceRegistry, votes --- */

void calldata_set_service_uri(struct contract_call *out,
	const struct contracts *c, const char *uri)
{
	struct abi_value arg = abi_bytes(uri, strlen(uri));

	begin(out, c, FN_SET_SERVICE_URI, &arg, 1);
}

struct err *calldata_create_poll(struct contract_call *out,
	const struct contracts *c, const void *proposal, size_t n)
{
	struct abi_value arg = abi_bytes(proposal, n);

	begin(out, c, FN_CREATE_POLL, &arg, 1);
	return need(c, out->fn);
}

void calldata_poll_vote(struct contract_call *out, struct eth_addr poll,
	bool yes)
{
	struct abi_value arg = abi_u64(yes ? 0 : 1);

	*out = (struct contract_call){ .fn = FN_POLL_VOTE, .to = poll };
	abi_call(&out->data, fn_selector(FN_POLL_VOTE), &arg, 1);
}

struct err *calldata_cast_vote(struct contract_call *out,
	const struct contracts *c, struct u256 proposal, enum ballot ballot,
	const char *reason)
{
	struct abi_value args[] = { abi_uint(proposal), abi_u64(ballot),
		abi_bytes(reason, strlen(reason)) };

	if (*reason)
		begin(out, c, FN_CAST_VOTE_WITH_REASON_CONFLUENCE, args, 3);
	else
		begin(out, c, FN_CAST_VOTE_CONFLUENCE, args, 2);
	return need_generation(c, GENERATION_CONFLUENCE, out->fn);
}
