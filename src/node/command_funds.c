/* A broadcaster's deposit and reserve. */
#include "src/node/command.h"
#include "src/node/money.h"

void cmd_fund(struct command_target *t, const struct command *c, struct reply reply)
{
	struct deed d = {.kind = DEED_FUND};

	if (command_value(c, "deposit"))
		d.deposit = command_value(c, "deposit")->wei;
	if (command_value(c, "reserve"))
		d.reserve = command_value(c, "reserve")->wei;
	money_deed(t, c, &d, reply);
}

void cmd_unlock(struct command_target *t, const struct command *c, struct reply reply)
{
	money_deed(t, c, &(struct deed){.kind = DEED_UNLOCK}, reply);
}

void cmd_cancel_unlock(struct command_target *t, const struct command *c, struct reply reply)
{
	money_deed(t, c, &(struct deed){.kind = DEED_CANCEL_UNLOCK}, reply);
}

void cmd_withdraw(struct command_target *t, const struct command *c, struct reply reply)
{
	money_deed(t, c, &(struct deed){.kind = DEED_WITHDRAW}, reply);
}
