/* Which events make us read what anew. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "src/eth/events.h"

static const struct eth_addr us = { { 1 } }, other = { { 2 } };
static struct contracts contracts;

static int setup(void **state)
{
	(void)state;
	for (int i = 0; i < CONTRACT_POLL; i++)
		contracts.addr[i].b[0] = (uint8_t)(0x10 + i);
	return 0;
}

static struct hash32 arg(struct eth_addr a)
{
	struct hash32 h = { { 0 } };

	memcpy(h.b + 12, a.b, sizeof(a.b));
	return h;
}

static struct news hear(enum contract_event which, struct eth_addr a, struct eth_addr b)
{
	uint8_t data[128] = { 0 };
	struct eth_log log = {
		.address = contracts.addr[event_contract(which)],
		.topics = { event_topic(which), arg(a), arg(b) },
		.topics_n = 3,
		.data = data,
		.data_n = sizeof(data),
	};
	struct news n = { 0 };

	news_add(&n, &contracts, us, &log);
	return n;
}

static void senders(void **state)
{
	struct news n = hear(EVENT_WINNING_TICKET_TRANSFER, other, us);

	(void)state;
	assert_int_equal(n.senders_n, 1);
	assert_true(news_has_sender(&n, other));
	assert_false(news_has_sender(&n, us));
	assert_false(n.round || n.own || n.all_senders);
}

static void too_many_senders(void **state)
{
	struct news n = { 0 };

	(void)state;
	for (uint8_t i = 0; i <= NEWS_SENDERS; i++) {
		struct eth_addr a = { { 9, i } };
		struct eth_log log = {
			.address = contracts.addr[CONTRACT_BROKER],
			.topics = { event_topic(EVENT_DEPOSIT_FUNDED), arg(a) },
			.topics_n = 2,
		};

		assert_false(n.all_senders);
		news_add(&n, &contracts, us, &log);
		news_add(&n, &contracts, us, &log);
		assert_true(news_has_sender(&n, a));
	}
	assert_true(n.all_senders);
	assert_int_equal(n.senders_n, NEWS_SENDERS);
}

static void rounds(void **state)
{
	struct news n = hear(EVENT_NEW_ROUND, other, other);

	(void)state;
	assert_true(n.round && n.opened);
	assert_false(n.own);
}

static void own(void **state)
{
	struct news n = hear(EVENT_BOND, other, us);

	(void)state;
	assert_true(n.own);
	assert_false(n.round);
	n = hear(EVENT_BOND, other, other);
	assert_false(n.own);
	n = hear(EVENT_TRANSCODER_DEACTIVATED, us, other);
	assert_true(n.own && n.round);
	n = hear(EVENT_TRANSCODER_ACTIVATED, other, other);
	assert_true(!n.own && n.round);
}

/* Anybody can log the same topics. */
static void strangers_contract(void **state)
{
	struct eth_log log = {
		.address = { { 0x77 } },
		.topics = { event_topic(EVENT_NEW_ROUND), arg(us) },
		.topics_n = 2,
	};
	struct news n = { 0 };

	(void)state;
	news_add(&n, &contracts, us, &log);
	assert_false(n.round || n.opened || n.own || n.senders_n);
	news_everything(&n);
	assert_true(n.round && n.own && n.all_senders);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(senders), cmocka_unit_test(too_many_senders),
		cmocka_unit_test(rounds), cmocka_unit_test(own),
		cmocka_unit_test(strangers_contract),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
