/* Stake and the orchestrator: each command as the deed it means. */
#include <stdlib.h>
#include <string.h>

#include "proto/ctl_codec.h"
#include "src/node/command.h"
#include "src/node/money.h"
#include "src/node/node.h"
#include "src/role/staker.h"

static void take_addr(struct eth_addr *out, const struct command *c, const char *arg)
{
	if (command_value(c, arg))
		*out = command_value(c, arg)->addr;
}

static void take_lpt(struct lpt *out, const struct command *c, const char *arg)
{
	if (command_value(c, arg))
		*out = command_value(c, arg)->lpt;
}

static void take_lock(struct deed *d, const struct command *c)
{
	const union command_value *v = command_value(c, "lock");

	d->has_lock = v != NULL;
	d->lock = v ? (uint64_t)v->number : 0;
}

void cmd_bond(struct command_target *t, const struct command *c, struct reply reply)
{
	struct deed d = {.kind = DEED_BOND};

	take_lpt(&d.amount, c, "amount");
	take_addr(&d.to, c, "delegate");
	money_deed(t, c, &d, reply);
}

void cmd_bond_to(struct command_target *t, const struct command *c, struct reply reply)
{
	struct deed d = {.kind = DEED_MOVE};

	take_lpt(&d.amount, c, "amount");
	take_addr(&d.to, c, "delegate");
	money_deed(t, c, &d, reply);
}

void cmd_unbond(struct command_target *t, const struct command *c, struct reply reply)
{
	struct deed d = {.kind = DEED_UNBOND};

	take_lpt(&d.amount, c, "amount");
	money_deed(t, c, &d, reply);
}

void cmd_rebond(struct command_target *t, const struct command *c, struct reply reply)
{
	struct deed d = {.kind = DEED_REBOND};

	take_lock(&d, c);
	take_addr(&d.to, c, "delegate");
	money_deed(t, c, &d, reply);
}

void cmd_withdraw_stake(struct command_target *t, const struct command *c, struct reply reply)
{
	struct deed d = {.kind = DEED_WITHDRAW_STAKE};

	take_lock(&d, c);
	money_deed(t, c, &d, reply);
}

void cmd_withdraw_fees(struct command_target *t, const struct command *c, struct reply reply)
{
	struct deed d = {.kind = DEED_WITHDRAW_FEES};

	if (command_value(c, "amount"))
		d.fees = command_value(c, "amount")->wei;
	take_addr(&d.to, c, "recipient");
	money_deed(t, c, &d, reply);
}

void cmd_claim_earnings(struct command_target *t, const struct command *c, struct reply reply)
{
	money_deed(t, c, &(struct deed){.kind = DEED_CLAIM}, reply);
}

void cmd_request_tokens(struct command_target *t, const struct command *c, struct reply reply)
{
	money_deed(t, c, &(struct deed){.kind = DEED_FAUCET}, reply);
}

void cmd_reward(struct command_target *t, const struct command *c, struct reply reply)
{
	money_deed(t, c, &(struct deed){.kind = DEED_REWARD}, reply);
}

void cmd_initialize_round(struct command_target *t, const struct command *c, struct reply reply)
{
	money_deed(t, c, &(struct deed){.kind = DEED_INITIALIZE_ROUND}, reply);
}

/* --- the orchestrator --- */

/* Fees are told as the share given away or as the cut kept: the same, or it is
 * a mistake. */
static struct err *take_shares(struct deed *d, const struct command *c)
{
	const union command_value *cut = command_value(c, "reward_cut");
	const union command_value *share = command_value(c, "fee_share");
	const union command_value *kept = command_value(c, "fee_cut");
	const char *uri = command_text(c, "service_uri");

	if (share && kept && share->ppm.v + kept->ppm.v != 1000000) /* raw: complements */
		return err_new(ERR_INVALID, "%s: fee_share and fee_cut add up to 100 %%; give "
			"one of them", c->def->name);
	d->has_cut = cut != NULL;
	if (cut)
		d->reward_cut = cut->ppm;
	d->has_share = share || kept;
	if (share)
		d->fee_share = share->ppm;
	else if (kept)
		d->fee_share.v = 1000000 - kept->ppm.v; /* raw: complements */
	if (uri && strlen(uri) < sizeof(d->uri))
		memcpy(d->uri, uri, strlen(uri) + 1);
	return NULL;
}

void cmd_activate(struct command_target *t, const struct command *c, struct reply reply)
{
	struct deed d = {.kind = DEED_ACTIVATE};
	struct err *e = take_shares(&d, c);
	const char *own = node_service_uri(t->node);

	take_lpt(&d.amount, c, "amount");
	take_lock(&d, c);
	if (!*d.uri && strlen(own) < sizeof(d.uri))
		memcpy(d.uri, own, strlen(own) + 1);
	if (e)
		reply_send(reply, e, NULL);
	else
		money_deed(t, c, &d, reply);
}

void cmd_set_orchestrator(struct command_target *t, const struct command *c, struct reply reply)
{
	struct deed d = {.kind = DEED_SET_ORCHESTRATOR};
	struct err *e = take_shares(&d, c);

	if (e)
		reply_send(reply, e, NULL);
	else
		money_deed(t, c, &d, reply);
}

static void on_abandoned(void *ctx, struct err *taken, void *result)
{
	struct reply *reply = ctx;

	reply_send(*reply, taken, taken ? NULL : ctl_answer_new(CTL_DONE, result));
	free(reply);
}

void cmd_abandon(struct command_target *t, const struct command *c, struct reply reply)
{
	if (!node_staker(t->node)) {
		reply_send(reply, err_new(ERR_INVALID, "%s: this node is on no chain (-network)",
			c->def->name), NULL);
		return;
	}
	staker_abandon(node_staker(t->node),
		(struct reply){reply.to, on_abandoned, xmemdup(&reply, sizeof(reply))});
}
