#include "src/role/stake_facts.h"

#include <stdlib.h>

void stake_facts_clear(struct stake_facts *f)
{
	free(f->locks);
	free(f->pool);
	*f = (struct stake_facts){0};
}

/* BondingManager.sol rewardWithHint(): Minter.createReward(stake, active stake)
 * = percOf(mintable, stake, active), of which the treasury has its share. */
bool stake_next_reward(const struct stake_facts *f, struct lpt *out)
{
	const struct u256 e27 = {{0x9fd0803ce8000000, 0x33b2e3c, 0, 0}};
	/* raw: shares of amounts, as the contracts reckon them */
	struct u256 active = f->protocol.total_bonded.v, reward, treasury;

	if (u256_is_zero(active) || !f->minter.divisor ||
		!u256_perc_of(&reward, f->minter.mintable.v, f->reward_stake.v, active,
			f->minter.divisor) || u256_is_zero(reward))
		return false;
	if (!u256_mul_div(&treasury, reward, f->protocol.treasury_cut, e27) ||
		!u256_sub(&out->v, reward, treasury)) /* raw: as above */
		return false;
	return true;
}

const struct unbonding_lock *stake_lock(const struct stake_facts *f, uint64_t id)
{
	for (size_t i = 0; i < f->locks_n; i++)
		if (f->locks[i].id == id)
			return &f->locks[i];
	return NULL;
}

bool stake_lock_is_due(const struct stake_facts *f, const struct unbonding_lock *l)
{
	return l->withdraw_round.v <= f->chain.round.current.v;
}

bool stake_is_own(const struct stake_facts *f)
{
	return addr_eq(f->account, f->recipient);
}

enum funds_state funds_state(const struct sender_funds *s, struct round_no now)
{
	if (wei_is_zero(s->deposit) && wei_is_zero(s->reserve))
		return FUNDS_EMPTY;
	if (!s->withdraw_round.v)
		return FUNDS_LOCKED;
	return s->withdraw_round.v > now.v ? FUNDS_UNLOCKING : FUNDS_UNLOCKED;
}

const char *funds_state_name(enum funds_state s)
{
	switch (s) {
	case FUNDS_EMPTY:
		return "empty";
	case FUNDS_LOCKED:
		return "locked";
	case FUNDS_UNLOCKING:
		return "unlocking";
	case FUNDS_UNLOCKED:
		return "unlocked";
	}
	return "?";
}
