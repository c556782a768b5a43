/* Each ailment gives its check and its remedy; a healthy node passes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "proto/view_codec.h"
#include "src/model/trouble.h"
#include "src/node/doctor.h"

static void put(enum section s, const char *json, void *view)
{
	struct err *e = view_decode(section_desc(s), json, strlen(json), view);

	if (e)
		fail_msg("%s", err_text(e));
}

static void healthy(struct node_facts *f)
{
	*f = (struct node_facts){ .onchain = true, .orchestrates = true, .transcodes = true,
		.broadcasts = true };
	put(SECTION_NODE, "{\"state\":\"running\",\"sessions\":1,\"max_sessions\":8,\"roles\":[{"
		"\"name\":\"orchestrator\",\"listens\":[{\"what\":\"service\",\"address\":"
		"\"https://o:8935\"}]}]}", &f->node);
	put(SECTION_TRANSCODERS, "{\"rows\":[{\"id\":\"cpu0\",\"state\":\"idle\","
		"\"speed\":2}]}", &f->transcoders);
	put(SECTION_ORCHESTRATORS, "{\"rows\":[{\"uri\":\"https://o\"}]}", &f->orchestrators);
	put(SECTION_CHAIN, "{\"ready\":true,\"head\":7,\"head_age_ms\":4000,\"round\":5,"
		"\"round_initialized\":5,\"eth_balance\":\"0.4 ETH\",\"account\":\"0xab\",\"rpcs\":"
		"[{\"state\":\"ok\"},{\"state\":\"ok\"}]}", &f->chain);
	put(SECTION_STAKING, "{\"state\":\"active\",\"rank\":3,\"pool_max\":100,\"delegated\":"
		"\"9 LPT\",\"reward_called\":true,\"service_uri\":\"https://o:8935\"}",
		&f->staking);
	put(SECTION_PRICING, "{\"advertised\":\"1212 wei/px\",\"overhead_pct\":1,\"senders\":[{"
		"\"address\":\"0xbb\"}]}", &f->pricing);
	put(SECTION_FUNDS, "{\"state\":\"locked\",\"deposit\":\"1 ETH\",\"reserve\":\"1 ETH\","
		"\"runway_hours\":-1}", &f->funds);
	put(SECTION_TICKETS, "{\"redeemed\":2}", &f->tickets);
}

static void clear(struct node_facts *f)
{
	view_clear(section_desc(SECTION_NODE), &f->node);
	view_clear(section_desc(SECTION_TRANSCODERS), &f->transcoders);
	view_clear(section_desc(SECTION_ORCHESTRATORS), &f->orchestrators);
	view_clear(section_desc(SECTION_CHAIN), &f->chain);
	view_clear(section_desc(SECTION_STAKING), &f->staking);
	view_clear(section_desc(SECTION_PRICING), &f->pricing);
	view_clear(section_desc(SECTION_FUNDS), &f->funds);
	view_clear(section_desc(SECTION_TICKETS), &f->tickets);
}

static void expect_price(int64_t chain_id, const char *advertised, const char *result,
	const char *words)
{
	struct view_doctor v = { .at_ms = 1 };
	struct node_facts f;
	bool found = false;

	healthy(&f);
	f.chain.chain_id = chain_id;
	view_set(&f.pricing.advertised, advertised);
	doctor_examine(&f, &v);
	for (size_t i = 0; i < v.rows.n; i++) {
		const struct check_row *r = &v.rows.v[i];

		if (strcmp(view_text(r->id), "price"))
			continue;
		found = true;
		assert_string_equal(r->result, result);
		assert_non_null(strstr(r->detail, words));
	}
	assert_true(found);
	view_clear(section_desc(SECTION_DOCTOR), &v);
	clear(&f);
}

static void a_price_is_held_against_known_caps(void **state)
{
	(void)state;
	expect_price(42161, "300 wei/px", "pass", "pay up to 300 wei/px");
	expect_price(42161, "301 wei/px", "warn", "pay 300 wei/px at most");
	expect_price(42161, "0.4 wei/px", "pass", "pay up to 300 wei/px");
	expect_price(1, "301 wei/px", "pass", "not known on this chain");
}

static void a_healthy_node_passes(void **state)
{
	struct node_facts f;
	struct view_doctor v = { .at_ms = 1 };

	(void)state;
	healthy(&f);
	doctor_examine(&f, &v);
	assert_true(v.rows.n >= 14);
	for (size_t i = 0; i < v.rows.n; i++)
		if (strcmp(v.rows.v[i].result, "pass") != 0)
			fail_msg("%s: %s", v.rows.v[i].name, view_text(v.rows.v[i].detail));
	assert_int_equal(doctor_failures(&v), 0);
	view_clear(section_desc(SECTION_DOCTOR), &v);
	clear(&f);
}

/* One thing made worse: what the doctor says of it, and no failure beside it. */
static void ails(enum section s, size_t offset, const char *json, const char *id,
	const char *result, const char *word)
{
	struct view_doctor v = { .at_ms = 1 };
	struct node_facts f;
	bool found = false;

	healthy(&f);
	view_clear(section_desc(s), (char *)&f + offset);
	put(s, json, (char *)&f + offset);
	doctor_examine(&f, &v);
	for (size_t i = 0; i < v.rows.n; i++) {
		const struct check_row *r = &v.rows.v[i];

		if (strcmp(r->id, id) != 0)
			continue;
		found = true;
		assert_string_equal(r->result, result);
		if (!strstr(r->detail, word))
			fail_msg("\"%s\" is not in \"%s\"", word, r->detail);
		assert_true(*view_text(r->remedy));
	}
	if (!found)
		fail_msg("no check %s", id);
	view_clear(section_desc(SECTION_DOCTOR), &v);
	clear(&f);
}

#define AILS(section, field, json, ...) \
	ails(section, offsetof(struct node_facts, field), json, __VA_ARGS__)

static void each_ailment_has_a_remedy(void **state)
{
	(void)state;
	AILS(SECTION_CHAIN, chain, "{\"ready\":true,\"rpcs\":[{\"state\":\"down\",\"last_error\":"
		"\"429\"}]}", "rpc", "fail", "429");
	AILS(SECTION_CHAIN, chain, "{\"rpcs\":[{\"state\":\"ok\"}]}", "head", "fail", "no block");
	AILS(SECTION_CHAIN, chain, "{\"ready\":true,\"head_age_ms\":95000}", "head", "warn",
		"95 s old");
	AILS(SECTION_CHAIN, chain, "{\"ready\":true,\"head_age_ms\":-30000}", "head", "fail",
		"clock");
	AILS(SECTION_CHAIN, chain, "{\"ready\":true,\"paused\":true}", "protocol", "fail",
		"paused");
	AILS(SECTION_CHAIN, chain, "{\"ready\":true,\"round\":6,\"round_initialized\":5}",
		"protocol", "warn", "not initialized");
	AILS(SECTION_CHAIN, chain, "{\"ready\":true,\"eth_balance\":\"0 wei\"}", "balance", "fail",
		"empty");
	AILS(SECTION_CHAIN, chain, "{\"ready\":true,\"eth_balance\":\"0.001 ETH\"}", "balance",
		"warn", "0.001 ETH");
	AILS(SECTION_STAKING, staking, "{\"state\":\"not registered\"}", "stake", "fail",
		"not registered");
	AILS(SECTION_STAKING, staking, "{\"state\":\"registered\",\"cutoff\":\"7 LPT\"}", "stake",
		"fail", "7 LPT");
	AILS(SECTION_STAKING, staking, "{\"state\":\"registered\",\"rank\":4}", "active", "fail",
		"inactive");
	AILS(SECTION_STAKING, staking, "{\"state\":\"active\",\"rank\":4}", "uri", "fail",
		"none is registered");
	AILS(SECTION_NODE, node, "{\"state\":\"running\",\"alarms\":[{\"id\":\"unreachable\","
		"\"text\":\"not reachable\"}]}", "reach", "fail", "not reachable");
	AILS(SECTION_NODE, node, "{\"state\":\"running\",\"sessions\":8,\"max_sessions\":8}",
		"room", "warn", "Capped");
	AILS(SECTION_PRICING, pricing, "{\"advertised\":\"1\",\"senders\":[{\"address\":\"0xbb\","
		"\"last_error\":\"insufficient sender reserve\"}]}", "sender", "warn",
		"does not cover a ticket");
	AILS(SECTION_PRICING, pricing, "{\"advertised\":\"1\",\"senders\":[{\"address\":\"0xbb\","
		"\"reserve\":\"1 ETH\",\"withdraw_round\":7}]}", "sender", "warn",
		"from round 7 on");
	AILS(SECTION_PRICING, pricing, "{\"advertised\":\"1\",\"senders\":[{\"address\":\"0xbb\","
		"\"reserve\":\"0 wei\"}]}", "sender", "warn", "reserve is empty");
	AILS(SECTION_STAKING, staking, "{\"state\":\"active\",\"rank\":4,\"service_uri\":"
		"\"https://other:1\"}", "uri", "warn", "registered is https://other:1");
	AILS(SECTION_TRANSCODERS, transcoders, "{}", "transcoders", "fail", "none is ready");
	AILS(SECTION_TRANSCODERS, transcoders, "{\"rows\":[{\"id\":\"gpu0\","
		"\"state\":\"busy\",\"speed\":0.5}]}", "transcoders", "warn", "gpu0");
	AILS(SECTION_FUNDS, funds, "{\"state\":\"empty\"}", "funds", "fail", "empty");
	AILS(SECTION_FUNDS, funds, "{\"state\":\"unlocking\",\"withdraw_round\":7}", "funds",
		"fail", "unlocking");
	AILS(SECTION_FUNDS, funds, "{\"state\":\"locked\",\"runway_hours\":3}", "funds", "warn",
		"3 hours");
	AILS(SECTION_TICKETS, tickets, "{\"lapsed\":1}", "tickets", "warn", "1 lost");
	AILS(SECTION_ORCHESTRATORS, orchestrators, "{\"rows\":[{\"uri\":\"https://o\","
		"\"suspended\":1"
		",\"last_error\":\"OrchestratorCapped\"}]}", "orchestrator", "warn", "Capped");
	AILS(SECTION_NODE, node, "{\"state\":\"running\",\"alarms\":[{\"id\":\"stream-lost\","
		"\"state\":\"on\",\"text\":\"a: lost\",\"remedy\":\"look\"}]}", "streams", "fail",
		"a: lost");
}

/* The console tells rows apart by their ids. */
static void rows_have_names_of_their_own(void **state)
{
	struct view_doctor v = { .at_ms = 1 };
	struct node_facts f;

	(void)state;
	healthy(&f);
	view_clear(section_desc(SECTION_ORCHESTRATORS), &f.orchestrators);
	put(SECTION_ORCHESTRATORS, "{\"rows\":[{\"uri\":\"a\",\"last_error\":\"x\"},"
		"{\"uri\":\"b\",\"last_error\":\"y\"},{\"uri\":\"c\",\"last_error\":\"z\"}]}",
		&f.orchestrators);
	doctor_examine(&f, &v);
	for (size_t i = 0; i < v.rows.n; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(v.rows.v[i].id, v.rows.v[k].id);
	view_clear(section_desc(SECTION_DOCTOR), &v);
	clear(&f);
}

static void the_dictionary_knows_the_words_of_the_network(void **state)
{
	static const char *const said[] = { "insufficient sender reserve", "TicketParams expired",
		"invalid ticket senderNonce: already seen sender=0x1 nonce=7",
		"ticket EV 1.00000 > max ticket EV 0.50000", "no sender deposit",
		"orchestrator 0xab is inactive in round 7, cannot process payments",
		"OrchestratorBusy", "no transcoders available",
		"execution reverted: current round is not initialized",
		/* weir's own */
		"its price of 1.01 wei/px is above ours of 1 wei/px", "No sessions available",
		"Orchestrator price has more than doubled, Orchestrator price: 3",
		"our deposit and reserve are not known yet: no Ethereum node has answered",
		"a segment would need more than 100 tickets: the ticket EV is too low for its "
		"price", "PM Check Failed", "PixelMismatch", "incompatible capabilities" };

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (!trouble_find(said[i]))
			fail_msg("\"%s\" is not in the dictionary", said[i]);
	assert_null(trouble_find("all is well"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_node_passes),
		cmocka_unit_test(rows_have_names_of_their_own),
		cmocka_unit_test(each_ailment_has_a_remedy),
		cmocka_unit_test(a_price_is_held_against_known_caps),
		cmocka_unit_test(the_dictionary_knows_the_words_of_the_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
