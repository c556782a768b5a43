/* The transactions of the account: listed, sped up, cancelled. */
#include "db/txs.h"
#include "proto/ctl_codec.h"
#include "src/base/clock.h"
#include "src/node/command.h"
#include "src/node/listing.h"
#include "src/node/money.h"
#include "src/node/node.h"

#define ROWS_MAX 10000

static const char *const columns[] = {"id", "state", "kind", "note", "nonce", "sent", "gas_price",
	"cost", "block", "hash", "created", "job", "error", NULL};

static void add_tx(void *ctx, const struct tx_job *j)
{
	struct listing *l = ctx;
	char at[CLOCK_TEXT_SIZE];
	struct str s = STR_INIT;
	struct wei cost;

	listing_addf(l, "%lld", (long long)j->id);
	listing_add(l, tx_state_name(j->state));
	listing_add(l, j->kind);
	listing_add(l, j->note);
	listing_addf(l, j->has_nonce ? "%llu" : "-", (unsigned long long)j->nonce);
	listing_addf(l, "%u", j->attempts);
	if (j->attempts)
		wei_fmt_gwei(&s, j->gas_price);
	listing_add(l, str_cstr(&s));
	str_truncate(&s, 0);
	if (j->block.v && wei_of_gas(&cost, j->gas_used, j->gas_price))
		wei_fmt_eth(&s, cost);
	listing_add(l, str_cstr(&s));
	str_truncate(&s, 0);
	listing_addf(l, j->block.v ? "%lld" : "-", (long long)j->block.v);
	if (j->attempts)
		hash_fmt(&s, j->hash);
	listing_add(l, str_cstr(&s));
	str_clear(&s);
	listing_add(l, clock_fmt(at, j->created_ms));
	listing_add(l, j->job);
	listing_add(l, j->error);
}

void cmd_txs(struct command_target *t, const struct command *c, struct reply reply)
{
	struct listing *l = listing_new(columns);
	struct str text = STR_INIT;
	struct err *e = txs_each(t->db, node_account(t->node), ROWS_MAX, add_tx, l);

	if (!e)
		listing_write(l, listing_format(command_text(c, "format")), &text);
	listing_free(l);
	reply_send(reply, e, e ? NULL : ctl_answer_new(CTL_DONE, str_take(&text)));
}

void cmd_speed_up(struct command_target *t, const struct command *c, struct reply reply)
{
	money_tx(t, c, TX_SPEED_UP, command_value(c, "id")->number, reply);
}

void cmd_cancel_tx(struct command_target *t, const struct command *c, struct reply reply)
{
	money_tx(t, c, TX_CANCEL, command_value(c, "id")->number, reply);
}
