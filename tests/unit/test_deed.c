#include "src/role/deed.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define US ((struct eth_addr){{0x15, [18] = 0x6a, [19] = 0x65}})
#define OTHER ((struct eth_addr){{0x70, [18] = 0x79, [19] = 0xc8}})

static struct stake_facts facts;
static struct unbonding_lock locks[3];
static struct pool_member pool[4];

static struct lpt lpt(const char *text)
{
	struct lpt a;

	if (lpt_parse(&a, text))
		fail_msg("%s", text);
	return a;
}

static struct wei wei(const char *text)
{
	struct wei a;

	if (wei_parse(&a, text))
		fail_msg("%s", text);
	return a;
}

/* An account with 20 LPT and 2 ETH, nothing bonded; round 12 of 100 blocks. */
static int setup(void **state)
{
	(void)state;
	facts = (struct stake_facts){
		.known = true,
		.chain = {.ready = true, .head = {5000}, .l1 = {1010},
			.round = {.current = {12}, .initialized = {12}, .start = {1000},
				.length = 100, .lock_from = 90, .pool_max = 3}},
		.contracts = {.generation = GENERATION_CONFLUENCE},
		.account = US, .recipient = US,
		.eth = wei("2 ETH"), .lpt = lpt("20 LPT"),
		.delegator = {.status = DELEGATOR_UNBONDED},
		.locks = locks, .pool = pool, .pool_n = 3,
		.protocol = {.unbonding_period = 7, .unlock_period = 2,
			.max_claim_rounds = 20},
	};
	for (int i = 0; i < 3; i++) {
		locks[i] = (struct unbonding_lock){(uint64_t)i, lpt("3 LPT"), {11 + i}};
		pool[i].addr = (struct eth_addr){{(uint8_t)(0xa0 + i)}};
		pool[i].stake = lpt(i == 0 ? "100 LPT" : i == 1 ? "50 LPT" : "10 LPT");
	}
	for (int c = 0; c < CONTRACT_N; c++)
		facts.contracts.addr[c].b[0] = (uint8_t)(c + 1);
	return 0;
}

static void be_bonded(struct eth_addr to)
{
	facts.delegator = (struct delegator_facts){.status = DELEGATOR_BONDED, .delegate = to,
		.bonded = lpt("5 LPT"), .pending_stake = lpt("6 LPT"),
		.pending_fees = wei("0.5 ETH"), .last_claim = {10}};
}

static void refused(struct deed d, const char *why)
{
	struct err *e = deed_resolve(&d, &facts);

	if (!e || !strstr(err_text(e), why))
		fail_msg("%s", err_text(e));
	err_free(e);
}

static struct deed resolved(struct deed d)
{
	struct err *e = deed_resolve(&d, &facts);

	if (e)
		fail_msg("%s", err_text(e));
	return d;
}

/* "approve bond": the steps of a deed. */
static void steps_are(const struct deed *d, const char *want)
{
	enum deed_step steps[DEED_STEPS_MAX];
	size_t n = deed_steps(d, &facts, steps);
	struct str s = STR_INIT;

	for (size_t i = 0; i < n; i++)
		str_printf(&s, "%s%s", i ? " " : "", deed_step_name(steps[i]));
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
}

/* --- what can be done --- */

static void test_bond(void **state)
{
	struct deed d = {.kind = DEED_BOND};

	(void)state;
	refused(d, "nothing to bond");
	d.amount = lpt("20.5 LPT");
	refused(d, "bond 20.5 LPT: the account has 20 LPT");
	d.amount = lpt("12.5 LPT");
	d = resolved(d);
	assert_true(addr_eq(d.to, US));
	steps_are(&d, "approve bond");
	facts.allowance = lpt("12.5 LPT");
	steps_are(&d, "bond");
	be_bonded(OTHER);
	refused(d, "`weir bond_to` moves all of it");
	d.to = (struct eth_addr){0};
	d = resolved(d);
	assert_true(addr_eq(d.to, OTHER));
	facts.chain.round.current.v = 13;
	refused(d, "round 13 is not initialised");
	facts.chain.paused = true;
	refused(d, "paused");
	facts.chain.ready = false;
	refused(d, "has not been read");
}

static void test_move(void **state)
{
	struct deed d = {.kind = DEED_MOVE, .to = US};

	(void)state;
	refused(d, "nothing is bonded");
	be_bonded(US);
	refused(d, "is with that orchestrator already");
	d.to = OTHER;
	refused(d, "own stake cannot move");
	be_bonded(pool[0].addr);
	d = resolved(d);
	steps_are(&d, "bond");
	d.amount = lpt("1 LPT");
	steps_are(&d, "approve bond");
}

static void test_unbond(void **state)
{
	struct deed d = {.kind = DEED_UNBOND, .amount = lpt("6 LPT")};

	(void)state;
	refused(d, "nothing is bonded");
	be_bonded(OTHER);
	d = resolved(d);
	steps_are(&d, "unbond");
	d.amount = lpt("6.1 LPT");
	refused(d, "unbond 6.1 LPT: 6 LPT is bonded");
	facts.delegator.status = DELEGATOR_PENDING;
	facts.delegator.start.v = 13;
	refused(d, "takes effect in round 13");
}

static void test_locks(void **state)
{
	struct deed d = {.kind = DEED_WITHDRAW_STAKE};

	(void)state;
	refused(d, "nothing is unbonding");
	facts.locks_n = 1;
	assert_int_equal(resolved(d).lock, 0);
	locks[0].withdraw_round.v = 15;
	refused(d, "lock 0 opens in round 15, in 3 rounds");
	locks[0].withdraw_round.v = 11;
	facts.locks_n = 3;
	refused(d, "which lock? There are 0 (3 LPT, from round 11), 1 (3 LPT, from round 12)");
	locks[1].withdraw_round.v = 13;
	assert_int_equal(resolved(d).lock, 0);
	d.has_lock = true;
	d.lock = 7;
	refused(d, "there is no lock 7; there are 0 (");
	d.lock = 2;
	refused(d, "opens in round 13");
	d = (struct deed){.kind = DEED_REBOND, .has_lock = true, .lock = 2};
	d = resolved(d);
	assert_true(addr_eq(d.to, US));
	steps_are(&d, "rebond_unbonded");
	be_bonded(OTHER);
	refused(d, "leave the orchestrator out");
	d.to = (struct eth_addr){0};
	d = resolved(d);
	assert_true(addr_eq(d.to, OTHER));
	steps_are(&d, "rebond");
}

static void test_fees(void **state)
{
	struct deed d = {.kind = DEED_WITHDRAW_FEES}, all;

	(void)state;
	refused(d, "there are none");
	be_bonded(OTHER);
	all = resolved(d);
	assert_true(addr_eq(all.to, US));
	assert_int_equal(wei_cmp(all.fees, wei("0.5 ETH")), 0);
	d.fees = wei("0.6 ETH");
	refused(d, "withdraw_fees 0.6 ETH: there are 0.5 ETH");
	d.fees = wei("0.1 ETH");
	facts.contracts.generation = GENERATION_STREAMFLOW;
	refused(d, "give neither amount nor recipient");
	/* What is confirmed is resolved again. */
	d.fees = WEI_ZERO;
	all = resolved(resolved(d));
	assert_int_equal(wei_cmp(all.fees, wei("0.5 ETH")), 0);
}

static void test_claim(void **state)
{
	struct deed d = {.kind = DEED_CLAIM}, unbond = {.kind = DEED_UNBOND};

	(void)state;
	refused(d, "nothing is bonded");
	be_bonded(OTHER);
	d = resolved(d);
	steps_are(&d, "claim");
	facts.delegator.last_claim.v = 12;
	refused(d, "all is claimed up to round 12");
	/* As launched: too far behind, and nothing else works before. */
	facts.contracts.launch = true;
	facts.contracts.generation = GENERATION_STREAMFLOW;
	facts.chain.round.current.v = facts.chain.round.initialized.v = 33;
	unbond.amount = lpt("1 LPT");
	unbond = resolved(unbond);
	steps_are(&unbond, "claim unbond");
	facts.delegator.last_claim.v = 13;
	steps_are(&unbond, "unbond");
}

static struct deed activation(void)
{
	struct deed d = {.kind = DEED_ACTIVATE, .amount = lpt("12 LPT"), .has_cut = true,
		.has_share = true, .reward_cut = {100000}, .fee_share = {50000},
		.uri = "https://o.example.org:8935"};

	return d;
}

static void test_activate(void **state)
{
	struct deed d = activation();

	(void)state;
	d = resolved(d);
	steps_are(&d, "approve bond transcoder service_uri");
	d.has_share = false;
	refused(d, "give reward_cut");
	d = activation();
	d.uri[0] = '\0';
	refused(d, "give service_uri");
	snprintf(d.uri, sizeof(d.uri), "https://0.0.0.0:8935");
	refused(d, "nobody can reach that");
	snprintf(d.uri, sizeof(d.uri), "http://o:8935");
	refused(d, "write https://host:port");
	snprintf(d.uri, sizeof(d.uri), "https://o");
	refused(d, "write https://host:port");
	d = activation();
	d.amount = LPT_ZERO;
	refused(d, "give an amount to bond, or a lock to rebond");
	d.has_lock = true;
	d.lock = 1;
	refused(d, "nothing is unbonding");
	facts.locks_n = 3;
	d = resolved(d);
	steps_are(&d, "rebond_unbonded transcoder service_uri");
	facts.chain.l1.v = 1090;
	refused(activation(), "next begins in 10 blocks");
	facts.chain.l1.v = 1089;
	be_bonded(OTHER);
	refused(activation(), "an orchestrator's is with itself");
	facts.recipient = OTHER;
	refused(activation(), "must come from the orchestrator's own key");
}

/* The second half of an activation that stopped after its bond. */
static void test_activate_the_rest(void **state)
{
	struct deed d = activation();

	(void)state;
	be_bonded(US);
	facts.transcoder = (struct transcoder_facts){.registered = true, .activation = {13},
		.deactivation = ROUND_NEVER};
	d.amount = LPT_ZERO;
	d = resolved(d);
	steps_are(&d, "transcoder service_uri");
	facts.transcoder.reward_cut.v = 100000;
	facts.transcoder.fee_share.v = 50000;
	steps_are(&d, "service_uri");
	/* Evicted from the pool: transcoder() joins it again. */
	facts.transcoder.deactivation.v = 12;
	steps_are(&d, "transcoder service_uri");
	facts.transcoder.deactivation = ROUND_NEVER;
	snprintf(facts.service_uri, sizeof(facts.service_uri), "%s", d.uri);
	refused(d, "it is done");
}

static void test_set_orchestrator(void **state)
{
	struct deed d = {.kind = DEED_SET_ORCHESTRATOR, .has_cut = true, .reward_cut = {200000}};

	(void)state;
	refused(d, "no orchestrator yet");
	be_bonded(US);
	facts.transcoder = (struct transcoder_facts){.registered = true, .active = true,
		.last_reward = {11}, .reward_cut = {100000}, .fee_share = {50000}};
	refused(d, "run `weir reward` first");
	facts.transcoder.last_reward.v = 12;
	d = resolved(d);
	steps_are(&d, "transcoder");
	assert_int_equal(d.fee_share.v, 50000);
	facts.chain.l1.v = 1095;
	refused(d, "locked for changes; the next begins in 5 blocks");
	d.reward_cut.v = 100000;
	refused(d, "all of it is so already");
	d = (struct deed){.kind = DEED_SET_ORCHESTRATOR, .uri = "https://o:1"};
	d = resolved(d); /* that may change any time */
	steps_are(&d, "service_uri");
}

static void test_funds(void **state)
{
	struct deed fund = {.kind = DEED_FUND}, unlock = {.kind = DEED_UNLOCK},
		cancel = {.kind = DEED_CANCEL_UNLOCK}, withdraw = {.kind = DEED_WITHDRAW};

	(void)state;
	refused(fund, "give a deposit, a reserve, or both");
	fund.deposit = fund.reserve = wei("1 ETH");
	refused(fund, "fund 2 ETH: the account has 2 ETH, and the transaction costs gas");
	fund.reserve = wei("0.5 ETH");
	fund = resolved(fund);
	assert_int_equal(wei_cmp(deed_value(&fund), wei("1.5 ETH")), 0);
	refused(unlock, "deposit and reserve are zero");
	facts.funds.deposit = wei("1 ETH");
	resolved(unlock);
	refused(cancel, "nothing is unlocking");
	refused(withdraw, "`weir unlock` first, then wait 2 rounds");
	facts.funds.withdraw_round.v = 14;
	refused(unlock, "from round 14");
	refused(withdraw, "until round 14, another 2 rounds");
	resolved(cancel);
	facts.chain.round.current.v = 14; /* not initialised: that does not matter here */
	resolved(withdraw);
	resolved(cancel);
}

static void test_rounds(void **state)
{
	struct deed init = {.kind = DEED_INITIALIZE_ROUND}, reward = {.kind = DEED_REWARD};

	(void)state;
	refused(init, "round 12 is initialised");
	refused(reward, "not active in round 12");
	facts.transcoder.active = true;
	resolved(reward);
	facts.transcoder.last_reward.v = 12;
	refused(reward, "it is called in round 12");
	facts.chain.round.current.v = 13;
	resolved(init);
	facts.contracts.addr[CONTRACT_FAUCET] = (struct eth_addr){0};
	refused((struct deed){.kind = DEED_FAUCET}, "no faucet");
}

static void test_line(void **state)
{
	struct deed d = activation(), back;
	struct str s = STR_INIT;

	(void)state;
	d.to = OTHER;
	d.has_lock = true;
	d.lock = 3;
	d.deposit = wei("1 ETH");
	d.fees = wei("7 wei");
	deed_fmt(&s, &d);
	assert_true(deed_parse(&back, s.s));
	assert_int_equal(memcmp(&d, &back, offsetof(struct deed, uri)), 0);
	assert_string_equal(d.uri, back.uri);
	for (size_t n = 0; n < s.len; n++) {
		char *cut = xstrndup(s.s, n);

		if (deed_parse(&back, cut))
			assert_true(n > s.len - strlen(d.uri));
		free(cut);
	}
	str_add(&s, " more");
	assert_false(deed_parse(&back, s.s));
	str_truncate(&s, 0);
	d = (struct deed){.kind = DEED_UNLOCK};
	deed_fmt(&s, &d);
	assert_true(deed_parse(&back, s.s));
	assert_int_equal(back.kind, DEED_UNLOCK);
	assert_false(back.has_lock || back.has_cut || back.has_share);
	assert_false(deed_parse(&back, "steal 0 0 0 0 0x00 - - - -"));
	str_clear(&s);
}

/* --- the machine --- */

static struct tx_job jobs[32];
static size_t jobs_n;

static void next_is(const struct deed *d, enum deed_act act, const char *why)
{
	struct deed_next n = deed_next(d, &facts, jobs, jobs_n);

	if (n.act != act || !strstr(n.why, why))
		fail_msg("%d %s", n.act, n.why);
}

static struct tx_job *add_job(enum deed_step s, enum tx_state state)
{
	struct tx_job *j = &jobs[jobs_n];

	*j = (struct tx_job){.id = (int64_t)++jobs_n, .state = state, .block = {5000}};
	snprintf(j->kind, sizeof(j->kind), "%s", deed_step_name(s));
	return j;
}

static void test_steps_in_order(void **state)
{
	struct deed d = resolved(activation());
	struct tx_job *j;

	(void)state;
	jobs_n = 0;
	next_is(&d, DEED_SUBMIT, "approve");
	j = add_job(STEP_APPROVE, TX_PREPARED);
	next_is(&d, DEED_WAIT, "transaction 1 is prepared");
	j->state = TX_SENT;
	next_is(&d, DEED_WAIT, "transaction 1 is sent");
	j->state = TX_MINED;
	j->block.v = 5001; /* later than the facts */
	next_is(&d, DEED_WAIT, "transaction 1 is mined");
	facts.chain.head.v = 5001;
	facts.allowance = d.amount;
	next_is(&d, DEED_SUBMIT, "bond");
	j = add_job(STEP_BOND, TX_CONFIRMED);
	facts.allowance = LPT_ZERO; /* used up: no reason to approve again */
	be_bonded(US);
	facts.transcoder.registered = true;
	facts.transcoder.deactivation = ROUND_NEVER;
	next_is(&d, DEED_SUBMIT, "transcoder");
	facts.chain.l1.v = 1095;
	next_is(&d, DEED_WAIT, "locked for another 5 blocks");
	facts.chain.round.current.v = 13;
	facts.chain.round.start.v = 1100;
	facts.chain.l1.v = 1101;
	next_is(&d, DEED_WAIT, "round 13 is not initialised");
	facts.chain.round.initialized.v = 13;
	facts.chain.paused = true;
	next_is(&d, DEED_WAIT, "paused");
	facts.chain.paused = false;
	next_is(&d, DEED_SUBMIT, "transcoder");
	j = add_job(STEP_TRANSCODER, TX_FAILED);
	snprintf(j->error, sizeof(j->error), "reverted: no");
	next_is(&d, DEED_FAILED, "transaction 3: failed: reverted: no");
	j->state = TX_CONFIRMED;
	next_is(&d, DEED_SUBMIT, "service_uri");
	add_job(STEP_SERVICE_URI, TX_CANCELLED);
	next_is(&d, DEED_FAILED, "cancelled");
	jobs[3].state = TX_CONFIRMED;
	next_is(&d, DEED_DONE, "");
}

static void test_claims_in_chunks(void **state)
{
	struct deed d = {.kind = DEED_CLAIM};
	struct contract_call call = {0};
	struct err *e;

	(void)state;
	jobs_n = 0;
	be_bonded(OTHER);
	facts.contracts.launch = true;
	facts.contracts.generation = GENERATION_STREAMFLOW;
	facts.chain.round.current.v = facts.chain.round.initialized.v = 45;
	for (int64_t want = 30; want <= 45; want += want == 30 ? 15 : 20) {
		next_is(&d, DEED_SUBMIT, "claim");
		e = deed_call(&call, STEP_CLAIM, &d, &facts);
		assert_null(e);
		assert_int_equal((uint8_t)call.data.s[call.data.len - 1], want);
		contract_call_clear(&call);
		add_job(STEP_CLAIM, TX_SENT);
		next_is(&d, DEED_WAIT, "sent");
		jobs[jobs_n - 1].state = TX_MINED;
		facts.delegator.last_claim.v = want;
	}
	assert_int_equal(jobs_n, 2);
	next_is(&d, DEED_DONE, "");
}

/* What the chain does with a transaction of ours. */
static void mine(struct tx_job *j, const struct deed *d)
{
	j->state = TX_MINED;
	j->block.v = ++facts.chain.head.v;
	if (!strcmp(j->kind, "approve"))
		facts.allowance = d->amount;
	if (!strcmp(j->kind, "bond")) {
		assert_true(lpt_cmp(facts.allowance, d->amount) >= 0);
		assert_true(lpt_sub(&facts.lpt, facts.lpt, d->amount));
		facts.allowance = LPT_ZERO;
		be_bonded(US);
		facts.transcoder.registered = true;
		facts.transcoder.activation.v = 13;
		facts.transcoder.deactivation = ROUND_NEVER;
	}
	if (!strcmp(j->kind, "transcoder")) {
		assert_true(facts.transcoder.registered);
		facts.transcoder.reward_cut = d->reward_cut;
		facts.transcoder.fee_share = d->fee_share;
	}
	if (!strcmp(j->kind, "service_uri"))
		snprintf(facts.service_uri, sizeof(facts.service_uri), "%s", d->uri);
}

/* The node is killed at random: what remains is the deed's line and the rows
 * of transactions. It bonds once, whatever it last knew of the chain. */
static void test_killed_anywhere(void **state)
{
	srandom(11);
	for (int life = 0; life < 500; life++) {
		struct stake_facts seen;
		struct str line = STR_INIT;
		struct deed d;
		bool done = false;

		setup(state);
		jobs_n = 0;
		d = resolved(activation());
		deed_fmt(&line, &d);
		seen = facts;
		for (int step = 0; step < 400 && !done; step++) {
			struct deed_next n;

			if (random() % 4 == 0)
				seen = facts; /* read the chain; else it is an old picture */
			if (random() % 5 == 0) { /* killed, and back */
				memset(&d, 0xee, sizeof(d));
				assert_true(deed_parse(&d, line.s));
			}
			n = deed_next(&d, &seen, jobs, jobs_n);
			done = n.act == DEED_DONE;
			if (n.act == DEED_SUBMIT && random() % 3)
				add_job(n.step, TX_PREPARED);
			for (size_t i = 0; i < jobs_n; i++) {
				if (jobs[i].state == TX_PREPARED && random() % 2)
					jobs[i].state = TX_SENT;
				else if (jobs[i].state == TX_SENT && random() % 2)
					mine(&jobs[i], &d);
				else if (jobs[i].state == TX_MINED && random() % 3 == 0)
					jobs[i].state = TX_CONFIRMED;
			}
		}
		assert_true(done);
		assert_int_equal(jobs_n, 4);
		assert_int_equal(lpt_cmp(facts.lpt, lpt("8 LPT")), 0);
		str_clear(&line);
	}
}

/* --- what is sent, and what is said --- */

static void test_calls(void **state)
{
	struct contract_call call = {0};
	struct deed d = {.kind = DEED_BOND, .amount = lpt("60 LPT"), .to = US};
	struct err *e;

	(void)state;
	for (enum deed_step s = 0; s < STEP_KINDS; s++) {
		struct deed any = activation();

		any.to = OTHER;
		any.deposit = wei("1 ETH");
		any.fees = wei("1 wei");
		e = deed_call(&call, s, &any, &facts);
		if (e)
			fail_msg("%s: %s", deed_step_name(s), err_text(e));
		assert_true(call.data.len >= 4);
		assert_int_equal(wei_is_zero(call.value), s != STEP_FUND);
		contract_call_clear(&call);
	}
	/* 60 LPT stand between the 100 of a0 and the 50 of a1. */
	e = deed_call(&call, STEP_BOND, &d, &facts);
	assert_null(e);
	assert_int_equal(call.fn, FN_BOND_WITH_HINT);
	assert_int_equal(call.data.len, 4 + 6 * 32);
	assert_int_equal((uint8_t)call.data.s[4 + 4 * 32 + 12], 0xa0);
	assert_int_equal((uint8_t)call.data.s[4 + 5 * 32 + 12], 0xa1);
	contract_call_clear(&call);
}

static void summary_has(struct deed d, const char *const *want, const char *word)
{
	struct str s = STR_INIT;
	char w[DEED_WORD_SIZE];

	d = resolved(d);
	deed_summary(&s, &d, &facts);
	for (; *want; want++)
		if (!strstr(s.s, *want))
			fail_msg("%s is not in\n%s", *want, s.s);
	deed_word(w, &d, &facts);
	assert_string_equal(w, word);
	for (const char *p = s.s; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		assert_true(strcspn(p, "\n") <= 120);
	str_clear(&s);
}

#define LINES(...) (const char *const[]) {__VA_ARGS__, NULL}

static void test_summaries(void **state)
{
	struct deed d = {.kind = DEED_BOND, .amount = lpt("12.5 LPT")};

	(void)state;
	summary_has(d, LINES("bond 12.5 LPT to 0x15", "(this account)",
		"stake 0 LPT, then 12.5 LPT", "takes effect in round 13", "after 7 rounds",
		"2 transactions: approve, bond", "which has 2 ETH and 20 LPT"), "6a65");
	summary_has(activation(), LINES("become an orchestrator", "reward cut 10 %, fee share 5 % "
		"(fee cut 95 %)", "place 3 of 3 in the pool, active from round 13",
		"4 transactions: approve, bond, transcoder, service_uri"), "6a65");
	d = activation();
	d.amount = lpt("10 LPT");
	summary_has(d, LINES("NOT ENOUGH STAKE for the pool's 3 places"), "6a65");
	d = (struct deed){.kind = DEED_FUND, .deposit = wei("0.3 ETH")};
	facts.funds.reserve = wei("1 ETH");
	facts.funds.withdraw_round.v = 13;
	summary_has(d, LINES("fund deposit 0.3 ETH, reserve 0 wei", "deposit 0 wei, then 0.3 ETH",
		"reserve 1 ETH, then 1 ETH", "unlock that was asked for is cancelled"), "6a65");
	be_bonded(US);
	d = (struct deed){.kind = DEED_UNBOND, .amount = lpt("6 LPT")};
	summary_has(d, LINES("unbond 6 LPT", "stake 6 LPT, then 0 LPT", "from round 19 on",
		"THE ORCHESTRATOR RESIGNS"), "6a65");
	d = (struct deed){.kind = DEED_WITHDRAW_FEES, .to = OTHER};
	summary_has(d, LINES("withdraw fees of 0.5 ETH to 0x70"), "79c8");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		T(test_bond), T(test_move), T(test_unbond), T(test_locks), T(test_fees),
		T(test_claim), T(test_activate), T(test_activate_the_rest),
		T(test_set_orchestrator), T(test_funds), T(test_rounds), T(test_line),
		T(test_steps_in_order), T(test_claims_in_chunks), T(test_killed_anywhere),
		T(test_calls), T(test_summaries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
