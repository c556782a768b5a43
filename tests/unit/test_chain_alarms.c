/* What is wrong with the chain or the stake is said; what is well is not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/node/chain_alarms.h"

static struct staker_state staker;
static struct alarm_facts f;
static struct str said;

static int setup(void **state)
{
	(void)state;
	staker = (struct staker_state){ .known = true, .eth = wei_from_gwei(1000000000),
		.reward = "called", .deed = "activate: bond failed" };
	f = (struct alarm_facts){ .chain = { .ready = true, .seen_ms = 100000,
		.registered = true, .active = true }, .now_ms = 101000, .orchestrates = true,
		.staker = &staker };
	return 0;
}

static void raise(void *ctx, const char *level, const char *id, const char *text)
{
	(void)ctx;
	assert_true(*text);
	str_printf(&said, "%s:%s ", level, id);
}

static void says(const char *want)
{
	chain_alarms(&f, raise, NULL);
	assert_string_equal(str_cstr(&said), want);
	str_clear(&said);
}

static void alarms(void **state)
{
	(void)state;
	says("");
	f.now_ms = 161000;
	says("broken:chain-late ");
	f.now_ms = 101000;
	f.chain.paused = true;
	says("broken:paused ");
	setup(NULL);
	f.chain.active = false;
	says("unusual:inactive ");
	f.orchestrates = false;
	says("");
	setup(NULL);
	staker.reward_alarm = true;
	says("broken:reward ");
	setup(NULL);
	staker.evicted = staker.failed = true;
	says("broken:evicted broken:deed ");
	setup(NULL);
	staker.eth = wei_from(1);
	says("unusual:eth ");
	staker.eth = WEI_ZERO;
	says("broken:eth ");
	staker.known = false;
	says("");
}

static void facts_take_a_moment(void **state)
{
	(void)state;
	f.chain.ready = false;
	f.started_ms = 100000;
	says("");
	f.now_ms = 116000;
	says("broken:no-chain ");
	f.staker = NULL;
	says("broken:no-chain ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(alarms, setup),
		cmocka_unit_test_setup(facts_take_a_moment, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
