/* Each thing that is wrong is said, with hysteresis; a healthy node says
 * nothing. Time is the test's: 700 s a case. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/view_codec.h"
#include "src/alarm/rules.h"

#define WALL 1790000000000LL

static struct {
	struct view_chain chain;
	struct view_staking staking;
	struct view_pricing pricing;
	struct view_funds funds;
	struct view_tickets tickets;
	struct view_txs txs;
	struct view_sessions sessions;
	struct view_streams streams;
	struct view_transcoders transcoders;
	struct view_settings settings;
	struct view_devices devices;
} v;
static struct alarm_facts f;
static struct alarm_memory memory;
static struct alarm_book *book;

static void put(enum section s, void *view, const char *json)
{
	struct err *e;

	view_clear(section_desc(s), view);
	e = view_decode(section_desc(s), json, strlen(json), view);
	if (e)
		fail_msg("%s", err_text(e));
}

static void views_clear(void)
{
	view_clear(section_desc(SECTION_CHAIN), &v.chain);
	view_clear(section_desc(SECTION_STAKING), &v.staking);
	view_clear(section_desc(SECTION_PRICING), &v.pricing);
	view_clear(section_desc(SECTION_FUNDS), &v.funds);
	view_clear(section_desc(SECTION_TICKETS), &v.tickets);
	view_clear(section_desc(SECTION_TXS), &v.txs);
	view_clear(section_desc(SECTION_SESSIONS), &v.sessions);
	view_clear(section_desc(SECTION_STREAMS), &v.streams);
	view_clear(section_desc(SECTION_TRANSCODERS), &v.transcoders);
	view_clear(section_desc(SECTION_SETTINGS), &v.settings);
	view_clear(section_desc(SECTION_DEVICES), &v.devices);
}

static void healthy(void)
{
	f = (struct alarm_facts){
		.now_ms = 1000000, .wall_ms = WALL,
		.orchestrates = true, .broadcasts = true,
		.sessions = 1, .max_sessions = 10, .transcoders = 4, .orchestrators = 2,
		.service_uri = "https://o:8935", .orchestrator_uri = "https://x:1",
		.chain_view = &v.chain, .staking = &v.staking, .pricing = &v.pricing,
		.funds = &v.funds, .tickets = &v.tickets, .txs = &v.txs,
		.sessions_view = &v.sessions, .streams = &v.streams,
		.transcoders_view = &v.transcoders,
		.settings = &v.settings, .devices = &v.devices, .onchain = true,
		.chain = {.ready = true, .chain_id = 42161, .registered = true, .active = true,
			.seen_ms = 999000, .head_ms = WALL - 4000, .l1 = {1000},
			.round = {.start = {1000}, .length = 100},
			.gas_price = wei_from_gwei(10)},
		.redeem_gas = {350000},
	};
	f.stake.is_known = true;
	f.stake.reward = "not called, 20 blocks left";
	f.stake.deed = "activate: bond failed";
	f.stake.eth = wei_from_gwei(1000000000);
	put(SECTION_CHAIN, &v.chain, "{\"ready\":true,\"nonce_latest\":7,\"rpcs\":[{\"url\":"
		"\"https://a\",\"requests\":100}]}");
	put(SECTION_STAKING, &v.staking, "{\"state\":\"active\",\"rank\":3,\"delegated\":"
		"\"9 LPT\",\"cutoff\":\"2 LPT\",\"activation_round\":4}");
	put(SECTION_PRICING, &v.pricing, "{\"advertised\":\"299 wei/px\"}");
	put(SECTION_FUNDS, &v.funds, "{\"state\":\"locked\",\"deposit\":\"1 ETH\","
		"\"spent_per_hour\":\"0.01 ETH\",\"runway_hours\":100}");
	put(SECTION_TICKETS, &v.tickets, "{\"rows\":[{\"state\":\"won\",\"rounds_left\":2},"
		"{\"state\":\"redeemed\",\"rounds_left\":0}]}");
	put(SECTION_TXS, &v.txs, "{\"rows\":[{\"id\":1,\"state\":\"sent\",\"nonce\":7,"
		"\"created_ms\":1790000690000},{\"state\":\"confirmed\",\"nonce\":6,"
		"\"created_ms\":1}]}");
	put(SECTION_SESSIONS, &v.sessions, "{}");
	put(SECTION_STREAMS, &v.streams, "{}");
	put(SECTION_TRANSCODERS, &v.transcoders, "{}");
	put(SECTION_SETTINGS, &v.settings, "{\"file\":\"\",\"rows\":[{\"name\":\"v\",\"drift\":"
		"true}]}");
	put(SECTION_DEVICES, &v.devices, "{\"rows\":[{\"id\":\"gpu0\",\"kind\":\"gpu\",\"state\":"
		"\"ok\",\"temperature\":89,\"memory_used\":94,\"memory_total\":100},{\"id\":"
		"\"gpu1\",\"kind\":\"gpu\",\"temperature\":-1,\"memory_used\":-1,\"memory_total\":"
		"-1},{\"id\":\"machine\",\"kind\":\"cpu\",\"temperature\":99,\"memory_used\":1,"
		"\"memory_total\":1}]}");
}

static void live(int seconds)
{
	for (int i = 0; i < seconds; i++) {
		f.now_ms += 1000;
		f.wall_ms += 1000;
		f.chain.seen_ms += 1000;
		f.chain.head_ms += 1000;
		alarm_book_begin(book, f.now_ms, f.wall_ms);
		alarm_rules(&f, &memory, book);
		alarm_book_settle(book);
	}
}

static int by_key(const void *a, const void *b)
{
	return strcmp((*(const struct alarm *const *)a)->key,
		(*(const struct alarm *const *)b)->key);
}

/* The keys of those that hold, and what the only one says. */
static void on_are(const char *want, const char *part)
{
	const struct alarm *list[64];
	size_t n = alarm_book_list(book, list, 64);
	struct str keys = STR_INIT;

	qsort(list, n, sizeof(list[0]), by_key);
	for (size_t i = 0; i < n; i++) {
		if (!list[i]->on)
			continue;
		str_printf(&keys, "%s%s", keys.len ? " " : "", list[i]->key);
		if (part && !strstr(list[i]->text, part))
			fail_msg("\"%s\" is not in \"%s\"", part, list[i]->text);
	}
	if (strcmp(str_cstr(&keys), want) != 0)
		fail_msg("\"%s\", not \"%s\"", str_cstr(&keys), want);
	str_clear(&keys);
}

static void afresh(void)
{
	alarm_book_free(book);
	book = alarm_book_new(&(struct alarm_listener){NULL, NULL});
	memory = (struct alarm_memory){.hosts_n = 0};
}

static int setup(void **state)
{
	(void)state;
	afresh();
	healthy();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	alarm_book_free(book);
	book = NULL;
	views_clear();
	return 0;
}

/* These facts, 700 s long, are these alarms; then all is as it was. */
#define SAYS(keys, part, ...) \
	do { \
		__VA_ARGS__; \
		live(700); \
		on_are(keys, part); \
		afresh(); \
		healthy(); \
	} while (0)

static void a_healthy_node_says_nothing(void **state)
{
	(void)state;
	SAYS("", NULL, (void)0);
	f.onchain = f.orchestrates = f.broadcasts = false;
	f.is_remote = f.registered = true;
	views_clear();
	live(700);
	on_are("", NULL);
}

static void the_chain(void **state)
{
	(void)state;
	SAYS("no-chain", "no -ethUrl", f.chain.ready = false);
	SAYS("chain-late", "no new block for 61 s", f.chain.seen_ms -= 60000);
	SAYS("", NULL, f.chain.seen_ms -= 58000);
	SAYS("paused", "paused", f.chain.paused = true);
	SAYS("clock", "in 3 s", f.chain.head_ms = WALL + 3000);
	SAYS("", NULL, f.chain.head_ms = WALL + 2000);
	SAYS("clock", "is ahead, or -ethUrl is behind: the last 8 blocks were at least 17 s",
		f.chain.head_ms = WALL - 18001); /* and it came a second ago */
	SAYS("", NULL, f.chain.head_ms = WALL - 18000);
	SAYS("tx-stuck", "transaction 9 (bond) is pending for 11 min",
		put(SECTION_TXS, &v.txs, "{\"rows\":[{\"id\":9,\"kind\":\"bond\",\"state\":"
			"\"prepared\",\"created_ms\":1790000000000}]}"));
	SAYS("nonce-gap", "nonce 9, and the chain waits for 7",
		put(SECTION_TXS, &v.txs, "{\"rows\":[{\"state\":\"sent\",\"nonce\":10,"
			"\"created_ms\":1790000690000},{\"state\":\"sent\",\"nonce\":9,"
			"\"created_ms\":1790000690000}]}"));
}

static void rpc_says(int64_t requests, int64_t errors)
{
	struct rpc_row *r = &v.chain.rpcs.v[0];

	for (int i = 0; i < 60; i++) {
		r->requests += requests / 60;
		r->errors += i < errors ? 1 : 0;
		live(1);
	}
}

static void rpcs_by_the_minute(void **state)
{
	(void)state;
	live(1);
	rpc_says(60, 3);
	live(1);
	on_are("", NULL); /* 5 % */
	rpc_says(60, 4);
	live(60);
	on_are("rpc-errors:https://a", "failed 4 of ");
	/* Nobody asks it: nothing is known, nothing goes on. */
	live(300);
	on_are("", NULL);
	/* A few requests mean nothing. */
	afresh();
	live(1);
	for (int i = 0; i < 5; i++) {
		v.chain.rpcs.v[0].requests += 10;
		v.chain.rpcs.v[0].errors += 10;
		live(60);
	}
	on_are("", NULL);
}

static void the_stake(void **state)
{
	(void)state;
	SAYS("reward", "20 blocks", f.stake.reward_owed = true, f.chain.l1.v = 1076);
	SAYS("", NULL, f.stake.reward_owed = true, f.chain.l1.v = 1075); /* a quarter is left */
	SAYS("", NULL, f.chain.l1.v = 1099);
	SAYS("evicted", "bond more", f.stake.evicted = true);
	SAYS("deed", "bond failed", f.stake.deed_failed = true);
	SAYS("inactive not-active", NULL, f.chain.active = false,
		f.chain.round.current.v = 5, view_set(&v.staking.state, "inactive"));
	/* From the next round on: that is a matter of waiting. */
	SAYS("inactive", "round 3", f.chain.active = false, f.chain.round.current.v = 3,
		view_set(&v.staking.state, "inactive"));
	SAYS("inactive", NULL, f.chain.active = false, f.chain.round.current.v = 5,
		view_set(&v.staking.state, "inactive"), v.staking.rank = 0);
	SAYS("", NULL, f.chain.active = false, f.chain.registered = false);
	SAYS("", NULL, f.chain.active = false, f.orchestrates = false);
	SAYS("locked", "2 steps wait", v.chain.round_locked = true,
		put(SECTION_STAKING, &v.staking, "{\"activation\":[{\"state\":\"done\"},"
			"{\"state\":\"todo\"},{\"state\":\"todo\"}]}"));
	SAYS("", NULL, v.chain.round_locked = true);
}

/* 10 rewards and 5 redemptions are 6.25M gas: 0.0625 ETH at 10 gwei. */
static void eth_for_gas(void **state)
{
	(void)state;
	SAYS("eth", "0.0625 ETH", f.stake.eth = wei_from_gwei(62499999));
	SAYS("", NULL, f.stake.eth = wei_from_gwei(62500000));
	SAYS("eth", NULL, view_set(&v.chain.max_gas_price, "20 gwei"),
		f.stake.eth = wei_from_gwei(100000000));
	SAYS("", NULL, f.orchestrates = false, f.stake.eth = wei_from_gwei(10000001));
	SAYS("eth-out", "nothing left", f.stake.eth = WEI_ZERO);
	SAYS("", NULL, f.stake.eth = WEI_ZERO, f.stake.is_known = false);
	/* A tenth more than enough ends it. */
	f.stake.eth = wei_from_gwei(62499999);
	live(1);
	f.stake.eth = wei_from_gwei(65000000);
	live(100);
	on_are("eth", NULL);
	f.stake.eth = wei_from_gwei(70000000);
	live(100);
	on_are("", NULL);
}

static void money(void **state)
{
	(void)state;
	SAYS("price", "301 wei/px", view_set(&v.pricing.advertised, "301 wei/px"));
	SAYS("", NULL, view_set(&v.pricing.advertised, "300 wei/px"));
	SAYS("", NULL, view_set(&v.pricing.advertised, "9999 wei/px"), f.chain.chain_id = 5);
	SAYS("ticket-late", "1 ticket lapses in 1 rounds or less, 0.1 ETH at risk: no funds",
		put(SECTION_TICKETS, &v.tickets, "{\"value_at_risk\":\"0.1 ETH\",\"rows\":[{"
			"\"state\":\"won\",\"rounds_left\":1,\"reason\":\"no funds\"}]}"));
	SAYS("", NULL, f.chain.ready = true, put(SECTION_TICKETS, &v.tickets,
		"{\"rows\":[{\"state\":\"redeemed\",\"rounds_left\":1}]}"));
	SAYS("ticket-lost", "1 winning tickets failed and 2 lapsed: 0.3 ETH",
		put(SECTION_TICKETS, &v.tickets, "{\"failed\":1,\"lapsed\":2,\"value_lost\":"
			"\"0.3 ETH\"}"));
	SAYS("unlocking", "round 12", v.funds.withdraw_round = 12);
	SAYS("runway", "23.5 hours", v.funds.runway_hours = 23.5);
	SAYS("", NULL, v.funds.runway_hours = -1);
	SAYS("", NULL, v.funds.runway_hours = 1, f.broadcasts = false);
	SAYS("", NULL, v.funds.runway_hours = 0, view_set(&v.funds.spent_per_hour, ""));
	v.funds.runway_hours = 23;
	live(60);
	v.funds.runway_hours = 29;
	live(600);
	on_are("runway", NULL);
	v.funds.runway_hours = 31;
	live(61);
	on_are("", NULL);
}

static void the_work(void **state)
{
	(void)state;
	SAYS("no-transcoder", "https://o:8935", f.transcoders = 0);
	SAYS("unreachable", "refused", f.unreachable = "refused");
	SAYS("tickets-unsaved", "3 winning", f.unsaved = 3);
	SAYS("no-orchestrator", NULL, f.orchestrators = 0);
	SAYS("not-registered", "https://x:1", f.is_remote = true);
	SAYS("drained", NULL, f.drained = true);
	SAYS("thread:orch", "for 6 s", f.threads_n = 2,
		f.threads[0] = (struct late_thread){"net", 4000},
		f.threads[1] = (struct late_thread){"orch", 6000});
	SAYS("full", "9 of 10", f.sessions = 9);
	SAYS("", NULL, f.sessions = 8);
	SAYS("", NULL, f.sessions = 0, f.max_sessions = 0);
	f.sessions = 10;
	live(40);
	f.sessions = 8;
	live(100);
	on_are("full", NULL);
	f.sessions = 7;
	live(61);
	on_are("", NULL);
}

/* n segments of gpu0, some of them slower than the video. */
static void put_segments(int n, int slow)
{
	struct str j = STR_INIT;

	str_add(&j, "{\"rows\":[{\"recent\":[");
	for (int i = 0; i < n; i++)
		str_printf(&j, "%s{\"outcome\":\"ok\",\"detail\":\"gpu0\",\"duration_ms\":2000,"
			"\"latency_ms\":%d}", i ? "," : "", i < slow ? 2001 : 500);
	str_add(&j, ",{\"outcome\":\"failed\",\"detail\":\"gpu0\",\"duration_ms\":2000,"
		"\"latency_ms\":9000}]}]}");
	put(SECTION_SESSIONS, &v.sessions, j.s);
	str_clear(&j);
}

static void slow_devices(void **state)
{
	(void)state;
	SAYS("slow:gpu0", "2 of its last 20", put_segments(20, 2));
	SAYS("", NULL, put_segments(20, 1)); /* 5 % */
	SAYS("", NULL, put_segments(19, 19)); /* too few to tell */
}

#define DONE(word) "{\"outcome\":\"" word "\"}"
#define STREAM(name, recent) \
	"{\"manifest\":\"" name "\",\"last_error\":\"why\",\"recent\":[" recent "]}"

static void lost_streams(void **state)
{
	(void)state;
	SAYS("stream-lost", "a: the last 3 segments were not transcoded: why",
		put(SECTION_STREAMS, &v.streams, "{\"rows\":[" STREAM("a", DONE("ok") ","
			DONE("failed") "," DONE("failed") "," DONE("failed")) "]}"));
	SAYS("stream-lost", "b and others", put(SECTION_STREAMS, &v.streams, "{\"rows\":["
		STREAM("a", DONE("failed") "," DONE("failed") "," DONE("failed")) ","
		STREAM("b", DONE("failed") "," DONE("failed") "," DONE("failed")) "]}"));
	SAYS("", NULL, put(SECTION_STREAMS, &v.streams, "{\"rows\":[" STREAM("a", DONE("failed")
		"," DONE("failed") "," DONE("failed") "," DONE("ok")) ","
		STREAM("b", DONE("failed") "," DONE("failed")) "]}"));
}

#define REMOTE(address) "{\"kind\":\"remote\",\"address\":\"" address "\"}"

static void sick_devices(void **state)
{
	struct device_row *gpu;

	(void)state;
	gpu = &v.devices.rows.v[0];
	SAYS("gpu-hot:gpu0", "is at 90 degrees", gpu->temperature = 90);
	gpu = &v.devices.rows.v[0];
	SAYS("gpu-memory:gpu0", "95 % of", gpu->memory_used = 95);
	gpu = &v.devices.rows.v[0];
	SAYS("gpu-silent:gpu0", "does not answer", view_set(&gpu->state, "silent"));
	gpu = &v.devices.rows.v[0];
	gpu->temperature = 91;
	live(40);
	gpu->temperature = 86;
	live(200);
	on_are("gpu-hot:gpu0", NULL);
	gpu->temperature = 80;
	live(61);
	on_are("", NULL);
}

static void settings_beside_the_file(void **state)
{
	static const char beside[] = "{\"file\":\"/etc/weir.conf\",\"rows\":[{\"name\":\"v\","
		"\"drift\":true,\"pinned\":true},{\"name\":\"maxSessions\",\"drift\":true},{"
		"\"name\":\"ticketEV\",\"drift\":%s},{\"name\":\"network\"}]}";
	char json[400];

	(void)state;
	snprintf(json, sizeof(json), beside, "false");
	SAYS("config-drift", "1 setting is set and not in /etc/weir.conf: maxSessions",
		put(SECTION_SETTINGS, &v.settings, json));
	snprintf(json, sizeof(json), beside, "true");
	SAYS("config-drift", "2 settings are set and not in /etc/weir.conf: maxSessions and",
		put(SECTION_SETTINGS, &v.settings, json));
	SAYS("config-drift", "was changed since", put(SECTION_SETTINGS, &v.settings,
		"{\"file\":\"/etc/weir.conf\",\"file_moved\":true}"));
	/* Something set for a while is no drift. */
	put(SECTION_SETTINGS, &v.settings, json);
	live(500);
	put(SECTION_SETTINGS, &v.settings, "{\"file\":\"/etc/weir.conf\"}");
	live(300);
	on_are("", NULL);
}

static void lost_transcoders(void **state)
{
	(void)state;
	put(SECTION_TRANSCODERS, &v.transcoders, "{\"rows\":[" REMOTE("10.0.0.1:5") ","
		REMOTE("10.0.0.1:6") "," REMOTE("10.0.0.2:5") ",{\"kind\":\"cpu\"}]}");
	live(5);
	put(SECTION_TRANSCODERS, &v.transcoders, "{\"rows\":[" REMOTE("10.0.0.1:7") "]}");
	live(30);
	on_are("", NULL);
	live(2);
	on_are("transcoder-gone:10.0.0.1 transcoder-gone:10.0.0.2", NULL);
	/* One comes back, from another port; the other is given up. */
	put(SECTION_TRANSCODERS, &v.transcoders, "{\"rows\":[" REMOTE("10.0.0.1:8") ","
		REMOTE("10.0.0.1:9") "]}");
	live(1);
	on_are("transcoder-gone:10.0.0.2", "is gone for 3");
	alarm_book_ack(book, NULL, f.wall_ms);
	live(2);
	on_are("", NULL);
	/* What was drained may leave. */
	put(SECTION_TRANSCODERS, &v.transcoders, "{\"rows\":[" REMOTE("10.0.0.1:8") ",{"
		"\"kind\":\"remote\",\"address\":\"10.0.0.1:9\",\"draining\":true}]}");
	live(2);
	put(SECTION_TRANSCODERS, &v.transcoders, "{\"rows\":[" REMOTE("10.0.0.1:8") "]}");
	live(100);
	on_are("", NULL);
}

/* `name` at `value`, beside what is healthy. */
static void set(const char *name, const char *value)
{
	struct setting_row *r = VIEW_ADD(&v.settings.rows);

	view_set(&r->name, name);
	view_set(&r->value, value);
}

/* Every threshold is the operator's, and holds at once. */
static void limits_are_settings(void **state)
{
	(void)state;
	SAYS("full", "5 of 10", set("alarmSessions", "50"), f.sessions = 5);
	SAYS("", NULL, set("alarmSessions", "0"), f.sessions = 10);
	SAYS("slow:gpu0", "24 % of", set("alarmSlow", "24"), put_segments(20, 0));
	SAYS("", NULL, set("alarmSlow", "0"), put_segments(20, 20));
	SAYS("gpu-hot:gpu0", NULL, set("alarmGpuTemperature", "89"));
	SAYS("gpu-memory:gpu0", NULL, set("alarmGpuMemory", "94"));
	SAYS("", NULL, set("alarmGpuTemperature", "0"), v.devices.rows.v[0].temperature = 120);
	SAYS("chain-late", NULL, set("alarmHead", "30s"), f.chain.seen_ms -= 58000);
	SAYS("", NULL, set("alarmHead", "0s"), f.chain.seen_ms -= 5800000);
	SAYS("clock", NULL, set("alarmClock", "1s"), f.chain.head_ms = WALL + 2000);
	SAYS("", NULL, set("alarmClock", "0s"), f.chain.head_ms = WALL + 60000);
	SAYS("tx-stuck", NULL, set("alarmTxPending", "9s"));
	SAYS("reward", NULL, set("alarmReward", "90"), f.stake.reward_owed = true,
		f.chain.l1.v = 1011);
	SAYS("", NULL, set("alarmReward", "0"), f.stake.reward_owed = true, f.chain.l1.v = 1099);
	SAYS("eth", "20 rewards and 5 redemptions are 0.1075 ETH", set("alarmEthRewards", "20"),
		f.stake.eth = wei_from_gwei(107499999));
	SAYS("", NULL, set("alarmEthRewards", "0"), set("alarmEthRedemptions", "0"),
		f.stake.eth = wei_from_gwei(20000));
	SAYS("price", "more than -alarmPrice, 3.5 wei", set("alarmPrice", "7/2"));
	SAYS("ticket-late", "in 2 rounds", set("alarmTicketRounds", "2"));
	SAYS("runway", NULL, set("alarmRunway", "101h"));
	SAYS("", NULL, set("alarmRunway", "0s"), v.funds.runway_hours = 0.1);
	/* What does not read is as it was given. */
	SAYS("full", NULL, set("alarmSessions", "many"), f.sessions = 9);
	set("alarmTranscoderGone", "2s");
	put(SECTION_TRANSCODERS, &v.transcoders, "{\"rows\":[" REMOTE("10.0.0.1:5") "]}");
	live(1);
	put(SECTION_TRANSCODERS, &v.transcoders, "{}");
	live(3);
	on_are("transcoder-gone:10.0.0.1", "is gone for 2 s");
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_healthy_node_says_nothing),
		T(the_chain),
		T(rpcs_by_the_minute),
		T(the_stake),
		T(eth_for_gas),
		T(money),
		T(the_work),
		T(slow_devices),
		T(lost_streams),
		T(lost_transcoders),
		T(limits_are_settings),
		T(sick_devices),
		T(settings_beside_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
