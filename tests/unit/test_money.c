/* Questions before money moves: asked once, answered once, done once. Plays the
 * staker and the chain; everything answers on this thread. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/txs.h"
#include "proto/ctl_codec.h"
#include "src/eth/chain.h"
#include "src/node/command.h"
#include "src/node/money.h"
#include "src/node/node.h"
#include "src/role/staker.h"
#include "tests/unit/scratch.h"

#define US ((struct eth_addr){{0x15}})

static struct {
	bool offchain, changed;
	const char *refusal;
	unsigned weighed, done, sped, cancelled;
	struct reply held; /* of a deed that does not answer at once */
	bool holds;
} fake;

struct staker *node_staker(struct node *n)
{
	(void)n;
	return fake.offchain ? NULL : (struct staker *)&fake;
}

struct chain *node_chain(struct node *n)
{
	(void)n;
	return (struct chain *)&fake;
}

struct eth_addr node_account(const struct node *n)
{
	(void)n;
	return US;
}

void weighed_free(struct weighed *w)
{
	if (w)
		free(w->summary);
	free(w);
}

void done_free(struct done *d)
{
	weighed_free(d ? d->changed : NULL);
	if (d)
		free(d->text);
	free(d);
}

static struct weighed *weighed(const struct deed *d)
{
	struct weighed *w = XNEW(struct weighed);

	w->deed = *d;
	w->steps = 1;
	w->summary = xstrdup("fund\n  gas 1");
	snprintf(w->word, sizeof(w->word), "6a65");
	return w;
}

void staker_weigh(struct staker *s, const struct deed *d, struct reply reply)
{
	(void)s;
	fake.weighed++;
	if (fake.refusal)
		reply_send(reply, err_new(ERR_INVALID, "%s", fake.refusal), NULL);
	else
		reply_send(reply, NULL, weighed(d));
}

void staker_do(struct staker *s, struct weighed *taken, struct reply reply)
{
	struct done *d = XNEW(struct done);

	(void)s;
	if (fake.changed)
		d->changed = weighed(&taken->deed);
	else
		d->text = xstrdup("transaction 1 is sent");
	weighed_free(taken);
	if (fake.refusal) {
		done_free(d);
		reply_send(reply, err_new(ERR_UNAVAILABLE, "%s", fake.refusal), NULL);
	} else if (fake.holds) {
		done_free(d);
		fake.held = reply;
	} else {
		fake.done += !fake.changed;
		reply_send(reply, NULL, d);
	}
}

static void answer_job(struct reply reply, int64_t id)
{
	struct tx_job *j = XNEW(struct tx_job);

	j->id = id;
	j->gas_price = wei_from_gwei(7);
	reply_send(reply, NULL, j);
}

void chain_speed_up(struct chain *c, int64_t id, struct reply reply)
{
	(void)c;
	fake.sped++;
	answer_job(reply, id);
}

void chain_cancel(struct chain *c, int64_t id, struct reply reply)
{
	(void)c;
	fake.cancelled++;
	answer_job(reply, id);
}

/* --- */

static struct command_target target;
static struct err *err;
static struct ctl_answer *answer;

static int setup(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	target = (struct command_target){.money = money_new()};
	return 0;
}

static void clear(void)
{
	err_free(TAKE(err));
	ctl_answer_free(TAKE(answer));
}

static int teardown(void **state)
{
	(void)state;
	clear();
	money_free(target.money);
	return 0;
}

static void on_answer(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	err = taken;
	answer = result;
}

static void give(const char *line, const char *token)
{
	struct command c;
	struct err *e = command_parse_line(line, &c);

	clear();
	if (e)
		fail_msg("%s", err_text(e));
	if (token)
		snprintf(c.token, sizeof(c.token), "%s", token);
	if (c.def->id == CMD_speed_up || c.def->id == CMD_cancel_tx)
		money_tx(&target, &c, c.def->id == CMD_speed_up ? TX_SPEED_UP : TX_CANCEL,
			command_value(&c, "id")->number, (struct reply){NULL, on_answer, NULL});
	else
		money_deed(&target, &c, &(struct deed){.kind = DEED_FUND},
			(struct reply){NULL, on_answer, NULL});
	command_clear(&c);
}

static void asks(char token[static COMMAND_TOKEN_SIZE])
{
	if (!answer)
		fail_msg("%s", err_text(err));
	assert_int_equal(answer->outcome, CTL_ASKS);
	assert_string_equal(answer->word, "6a65");
	snprintf(token, COMMAND_TOKEN_SIZE, "%s", answer->token);
}

static void accepted(const char *text)
{
	if (!answer)
		fail_msg("%s", err_text(err));
	assert_int_equal(answer->outcome, CTL_ACCEPTED);
	assert_non_null(strstr(answer->text, text));
}

static void refused(const char *why)
{
	assert_null(answer);
	if (!strstr(err_text(err), why))
		fail_msg("%s", err_text(err));
}

#define FUND "fund deposit=\"1 ETH\""

static void test_asked_then_done_once(void **state)
{
	char token[COMMAND_TOKEN_SIZE];

	(void)state;
	give(FUND, NULL);
	asks(token);
	assert_non_null(strstr(answer->text, "fund\n  gas 1"));
	assert_int_equal(fake.done, 0);
	give("fund deposit=\"2 ETH\"", token); /* another command's answer */
	refused("too old, or was another one");
	give(FUND, "00000000000000000000000000000000");
	refused("too old");
	give(FUND, token);
	accepted("transaction 1 is sent");
	give(FUND, token);
	accepted("transaction 1 is sent");
	assert_int_equal(fake.done, 1);
	assert_int_equal(fake.weighed, 1);
	/* The same wish again is another question. */
	give(FUND, NULL);
	asks(token);
	give(FUND, token);
	assert_int_equal(fake.done, 2);
}

static void test_facts_have_moved(void **state)
{
	char token[COMMAND_TOKEN_SIZE], again[COMMAND_TOKEN_SIZE];

	(void)state;
	give(FUND, NULL);
	asks(token);
	fake.changed = true;
	give(FUND, token);
	asks(again);
	assert_non_null(strstr(answer->text, "has changed since"));
	assert_string_not_equal(token, again);
	fake.changed = false;
	give(FUND, token);
	refused("too old");
	give(FUND, again);
	accepted("sent");
	assert_int_equal(fake.done, 1);
}

static void test_while_it_runs(void **state)
{
	char token[COMMAND_TOKEN_SIZE];
	struct done *d = XNEW(struct done);

	(void)state;
	give(FUND, NULL);
	asks(token);
	fake.holds = true;
	give(FUND, token);
	assert_null(answer);
	assert_null(err);
	give(FUND, token);
	refused("it is being done");
	/* Many other questions do not push out the one that runs. */
	for (int i = 0; i < 3 * MONEY_MAX; i++)
		give(FUND, NULL);
	clear();
	d->text = xstrdup("transaction 9");
	reply_send(fake.held, NULL, d);
	accepted("transaction 9");
	give(FUND, token);
	accepted("transaction 9");
}

static void test_refusals(void **state)
{
	char token[COMMAND_TOKEN_SIZE];

	(void)state;
	fake.refusal = "no money";
	give(FUND, NULL);
	refused("no money");
	fake.refusal = NULL;
	give(FUND, NULL);
	asks(token);
	fake.refusal = "no RPC";
	give(FUND, token);
	refused("no RPC");
	fake.refusal = NULL; /* nothing was done, and it is to be asked again */
	give(FUND, token);
	refused("too old");
	assert_int_equal(fake.done, 0);
	fake.offchain = true;
	give(FUND, NULL);
	refused("fund: this node is on no chain");
}

static void test_transactions(void **state)
{
	struct tx_record row = {.account = US, .kind = "fund", .note = "fund 1 ETH",
		.state = TX_SENT, .created_ms = 1, .has_nonce = true, .nonce = 4,
		.hash = {{[30] = 0x6a, [31] = 0x65}}, .gas_price = wei_from_gwei(3)};
	struct tx_attempt attempt = {.nonce = 4, .hash = row.hash,
		.raw = blob_new("x", 1), .gas_price = wei_from_gwei(3), .made_ms = 1};
	char dir[] = "/tmp/weir-money-XXXXXX", path[64], token[COMMAND_TOKEN_SIZE];
	bool taken;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/weir.sqlite", dir);
	assert_null(db_open(path, DB_FULL, &target.db));
	assert_null(txs_put(target.db, &row, &attempt, &taken));
	give("speed_up 1", NULL);
	asks(token);
	assert_non_null(strstr(answer->text, "speed up transaction 1: fund 1 ETH"));
	assert_non_null(strstr(answer->text, "nonce 4, sent 1 times, 3 gwei offered"));
	give("speed_up 1", token);
	accepted("transaction 1 is sent again, with 7 gwei for gas");
	give("speed_up 1", token);
	assert_int_equal(fake.sped, 1);
	give("cancel_tx 1", NULL);
	asks(token);
	give("cancel_tx 1", token);
	accepted("is being cancelled");
	assert_int_equal(fake.cancelled, 1);
	give("cancel_tx 2", NULL);
	refused("there is no transaction 2");
	row.state = TX_MINED;
	row.block.v = 5;
	assert_null(txs_move(target.db, TX_SENT, &row, NULL));
	give("cancel_tx 1", NULL);
	refused("is mined already");
	row.state = TX_CONFIRMED;
	assert_null(txs_move(target.db, TX_MINED, &row, NULL));
	give("speed_up 1", NULL);
	refused("transaction 1 is over: confirmed");
	tx_record_clear(&row);
	tx_attempt_clear(&attempt);
	db_close(target.db);
	scratch_unlink_db(path);
	rmdir(dir);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_asked_then_done_once), T(test_facts_have_moved), T(test_while_it_runs),
		T(test_refusals), T(test_transactions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
