#include "src/wizard/plan.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/role/reward.h"
#include "tests/unit/outcome.h"

#define US ((struct eth_addr){{0x15, [18] = 0x6a, [19] = 0x65}})
#define OTHER ((struct eth_addr){{0x70, [18] = 0x79, [19] = 0xc8}})
#define REFUNDER ((struct eth_addr){{0x99}})
#define URI "https://o.example.org:8935"

static struct stake_facts stake;
static struct migrate_facts facts;
static struct plan plan;

static struct lpt lpt(const char *text)
{
	struct lpt a;

	ok(lpt_parse(&a, text));
	return a;
}

static struct wei wei(const char *text)
{
	struct wei a;

	ok(wei_parse(&a, text));
	return a;
}

/* An orchestrator as the alpha left it, with 2 ETH, on Streamflow. */
static int setup(void **state)
{
	(void)state;
	stake = (struct stake_facts){
		.known = true,
		.chain = {.ready = true, .head = {1010}, .l1 = {1010},
			.round = {.current = {12}, .initialized = {12}, .start = {1000},
				.length = 100, .lock_from = 90, .pool_max = 3},
			.gas_price = wei("10 gwei")},
		.contracts = {.generation = GENERATION_STREAMFLOW},
		.account = US, .recipient = US,
		.eth = wei("2 ETH"), .lpt = lpt("20 LPT"),
		.delegator = {.status = DELEGATOR_BONDED, .delegate = US,
			.bonded = lpt("5 LPT"), .pending_stake = lpt("5 LPT")},
		.transcoder = {.registered = true, .reward_cut = {100000},
			.fee_share = {50000}, .total_stake = lpt("5 LPT")},
	};
	for (int c = 0; c < CONTRACT_N; c++)
		stake.contracts.addr[c].b[0] = (uint8_t)(c + 1);
	snprintf(stake.service_uri, sizeof(stake.service_uri), "https://old.example.org:8935");
	facts = (struct migrate_facts){
		.wish = {.orchestrator = true, .chain_steps = true, .uri = URI},
		.has_history = true, .has_locks = true, .on_chain = true, .stake = &stake,
		.refunder = REFUNDER,
	};
	return 0;
}

static void plan_is(const char *want)
{
	struct str s = STR_INIT;

	ok(plan_make(&plan, &facts));
	for (size_t i = 0; i < plan.n; i++)
		str_printf(&s, "%s%s", i ? " " : "", step_info(plan.v[i].step)->name);
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
}

static void costs(const char *gas, const char *value)
{
	assert_int_equal(wei_cmp(plan.cost, wei(gas)), 0);
	assert_int_equal(wei_cmp(plan.value, wei(value)), 0);
}

/* --- what there is to do --- */

static void test_orchestrator(void **state)
{
	(void)state;
	plan_is("backup directory keys password archive locks config activate verify");
	costs("2000000 gwei", "0 wei"); /* transcoder and setServiceURI: 200000 gas */
	assert_non_null(strstr(plan.v[7].what, "reward cut 10 %"));
	assert_non_null(strstr(plan.v[7].what, "service URI " URI));
	assert_true(plan_is_on_chain(&plan));
	assert_true(plan_has(&plan, MIGRATE_ACTIVATE));
	assert_false(plan_has(&plan, MIGRATE_FUND));
	facts.has_history = facts.has_locks = false;
	facts.wish.chain_steps = false;
	plan_is("backup directory keys password config verify");
	assert_false(plan_is_on_chain(&plan));
}

/* What only waiting mends is no reason against the plan. */
static void test_waiting_is_no_refusal(void **state)
{
	(void)state;
	stake.chain.l1.v = 1095; /* locked */
	assert_true(round_lock_left(&stake.chain) > 0);
	plan_is("backup directory keys password archive locks config activate verify");
	stake.chain.paused = true;
	stake.chain.round.initialized.v = 11;
	plan_is("backup directory keys password archive locks config activate verify");
}

static void test_what_is_done_is_no_step(void **state)
{
	(void)state;
	stake.transcoder.activation.v = 13;
	stake.transcoder.deactivation = ROUND_NEVER;
	plan_is("backup directory keys password archive locks config service_uri verify");
	snprintf(stake.service_uri, sizeof(stake.service_uri), URI);
	plan_is("backup directory keys password archive locks config verify");
	/* Evicted since. */
	stake.transcoder.deactivation.v = 12;
	plan_is("backup directory keys password archive locks config activate verify");
}

static void test_broadcaster(void **state)
{
	(void)state;
	facts.wish.orchestrator = false;
	facts.wish.broadcaster = true;
	facts.wish.deposit = wei("1 ETH");
	facts.wish.reserve = wei("0.5 ETH");
	facts.alpha_deposit = wei("3 ETH");
	stake.funds.reserve = wei("0.2 ETH");
	plan_is("backup directory keys password archive locks config refund fund verify");
	costs("1850000 gwei", "1.3 ETH");
	facts.refunded = true;
	plan_is("backup directory keys password archive locks config fund verify");
	facts.refunded = false;
	facts.refunder = (struct eth_addr){{0}};
	plan_is("backup directory keys password archive locks config fund verify");
	stake.funds.deposit = wei("1 ETH");
	stake.funds.reserve = wei("9 ETH");
	plan_is("backup directory keys password archive locks config verify");
}

/* What comes back pays for what goes out, but not for its own gas. */
static void test_money(void **state)
{
	(void)state;
	facts.wish.broadcaster = true;
	facts.wish.deposit = wei("4 ETH");
	refuses(plan_make(&plan, &facts), "the account has 2 ETH");
	facts.alpha_deposit = wei("3 ETH");
	plan_is("backup directory keys password archive locks config refund activate fund verify");
	stake.eth = wei("1 gwei");
	refuses(plan_make(&plan, &facts), "send it some ETH");
	stake.eth = wei("2 ETH");
	facts.wish.bond = lpt("21 LPT");
	refuses(plan_make(&plan, &facts), "the account has 20 LPT");
}

static void test_refusals(void **state)
{
	(void)state;
	stake.delegator.delegate = OTHER;
	stake.transcoder.registered = false;
	refuses(plan_make(&plan, &facts), "an orchestrator's is with itself");
	setup(NULL);
	facts.nonce_latest = 3;
	facts.nonce_pending = 5;
	refuses(plan_make(&plan, &facts), "another program has sent 2 transactions");
	facts.nonce_pending = 3;
	/* Nothing is sent to contracts that nobody lives on any more. */
	facts.moved_on = "the protocol left";
	plan_is("backup directory keys password archive locks config verify");
	assert_false(plan_is_on_chain(&plan));
}

/* A deed that failed half way is tried anew: what it bonded is not bonded again. */
static void test_tried_anew(void **state)
{
	struct deed d = {.kind = DEED_ACTIVATE, .amount = lpt("3 LPT")};
	struct tx_job txs[] = {{.kind = "approve", .state = TX_CONFIRMED},
		{.kind = "bond", .state = TX_REPLACED}, {.kind = "transcoder",
			.state = TX_FAILED}};
	struct deed fund;

	(void)state;
	plan_leave_out(&d, txs, ARRAY_SIZE(txs));
	assert_int_equal(lpt_cmp(d.amount, lpt("3 LPT")), 0);
	txs[1].state = TX_CONFIRMED;
	plan_leave_out(&d, txs, ARRAY_SIZE(txs));
	assert_true(lpt_is_zero(d.amount));
	/* Funds are what is missing, whoever sent the rest. */
	facts.wish.deposit = wei("2 ETH");
	stake.funds.deposit = wei("1.5 ETH");
	assert_true(plan_fund(&fund, &facts.wish, &stake));
	assert_int_equal(wei_cmp(fund.deposit, wei("0.5 ETH")), 0);
	assert_true(wei_is_zero(fund.reserve));
	stake.funds.deposit = wei("2 ETH");
	assert_false(plan_fund(&fund, &facts.wish, &stake));
}

/* --- killed anywhere --- */

/* The record, and a world whose steps may be done twice but for the chain's,
 * which the outpost does once for each name. */
struct world {
	enum work_state states[MIGRATE_STEPS]; /* as the record has them */
	unsigned done[MIGRATE_STEPS], sent[MIGRATE_STEPS];
};

static bool dies(unsigned *left)
{
	return (*left)-- == 0;
}

/* A process that lives for so many moves; true: it came to the end. */
static bool live(struct world *w, unsigned moves)
{
	size_t i;

	while ((i = plan_next(&plan, w->states)) < plan.n) {
		enum migrate_step s = plan.v[i].step;

		if (dies(&moves))
			return false;
		w->states[i] = WORK_BEGUN;
		if (dies(&moves))
			return false;
		w->done[s]++;
		if (step_info(s)->chain && !w->sent[s])
			w->sent[s] = 1;
		if (dies(&moves))
			return false;
		w->states[i] = WORK_OVER;
	}
	return true;
}

static void test_killed_anywhere(void **state)
{
	(void)state;
	facts.wish.broadcaster = true;
	facts.wish.deposit = wei("1 ETH");
	facts.alpha_deposit = wei("3 ETH");
	plan_is("backup directory keys password archive locks config refund activate fund verify");
	srandom(7);
	for (int run = 0; run < 500; run++) {
		struct world w = {.done = {0}};
		unsigned lives = 1;

		while (!live(&w, (unsigned)random() % 9))
			assert_true(++lives < 200);
		for (size_t i = 0; i < plan.n; i++) {
			assert_true(w.done[plan.v[i].step] >= 1);
			assert_int_equal(w.sent[plan.v[i].step],
				step_info(plan.v[i].step)->chain);
			assert_int_equal(w.states[i], WORK_OVER);
		}
	}
}

/* One that came to nothing is not passed over. */
static void test_a_failed_step_stays(void **state)
{
	enum work_state states[MIGRATE_STEPS] = {WORK_OVER, WORK_BROKEN};

	(void)state;
	ok(plan_make(&plan, &facts));
	assert_int_equal(plan_next(&plan, states), 1);
	states[1] = WORK_BEGUN;
	assert_int_equal(plan_next(&plan, states), 1);
	for (size_t i = 0; i < plan.n; i++)
		states[i] = WORK_OVER;
	assert_int_equal(plan_next(&plan, states), plan.n);
}

static void test_names(void **state)
{
	(void)state;
	for (int s = 0; s < MIGRATE_STEPS; s++) {
		const struct step_info *info = step_info((enum migrate_step)s);

		assert_int_equal(step_find(info->name), s);
		assert_true(*info->title && *info->why && *info->counter);
		assert_int_equal(info->chain, !info->reversible);
	}
	assert_int_equal(step_find("no such step"), MIGRATE_STEPS);
}

#define T(f) cmocka_unit_test_setup(f, setup)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_orchestrator), T(test_waiting_is_no_refusal),
		T(test_what_is_done_is_no_step), T(test_broadcaster), T(test_money),
		T(test_refusals), T(test_tried_anew), T(test_killed_anywhere),
		T(test_a_failed_step_stays),
		T(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
