/* The rooms about money, drawn from a fixed mirror, and what their keys ask
 * for: every command that a key names is one the node has. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/scene.h"
#include "ui/form.h"
#include "ui/panel.h"

static void put_chain(struct mirror *m)
{
	put(m, SECTION_NODE, "{\"version\":\"0.1.0\",\"network\":\"arbitrum-one-mainnet\","
		"\"state\":\"running\",\"now_ms\":1790000000000,\"max_sessions\":8}");
	put(m, SECTION_CHAIN, "{\"network\":\"arbitrum-one-mainnet\",\"chain_id\":42161,"
		"\"generation\":\"confluence\",\"ready\":true,"
		"\"account\":\"0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65\","
		"\"eth_balance\":\"0.4 ETH\",\"head\":250000000,\"l1_block\":9274860,"
		"\"head_age_ms\":3200,\"gas_price\":\"0.01 gwei\",\"max_gas_price\":\"1 gwei\","
		"\"round\":1611,\"round_initialized\":1611,\"round_start\":9270000,"
		"\"round_length\":5760,\"round_lock_from\":5184,\"blocks_left\":900,"
		"\"nonce_latest\":17,\"nonce_pending\":18,\"rpcs\":[{\"url\":"
		"\"https://a.example\",\"state\":\"ok\",\"current\":true,\"latency_ms\":42,"
		"\"requests\":900,\"errors\":1},{\"url\":\"https://b.example\",\"state\":"
		"\"limited\",\"latency_ms\":310,\"requests\":40,\"errors\":12,\"last_error\":"
		"\"429 Too Many Requests\"}]}");
	put(m, SECTION_STAKING, "{\"state\":\"active\",\"bonded\":\"12000 LPT\","
		"\"pending_stake\":\"12034.5 LPT\",\"pending_fees\":\"0.21 ETH\","
		"\"delegate\":\"itself\",\"delegated\":\"90000 LPT\",\"rank\":42,"
		"\"pool_size\":100,\"pool_max\":100,\"cutoff\":\"6100 LPT\","
		"\"distance\":\"83900 LPT above the last\",\"lpt_balance\":\"3 LPT\","
		"\"eth_balance\":\"0.4 ETH\",\"reward_state\":\"called in round 1611\","
		"\"reward_called\":true,\"reward_cut\":\"10 %\",\"fee_share\":\"5 %\","
		"\"fee_cut\":\"95 %\",\"service_uri\":\"https://o.example:8935\","
		"\"next_reward\":\"7.2 LPT\",\"inflation\":\"0.0209 % a round\","
		"\"total_bonded\":\"13000000 LPT\",\"participation\":\"46 %\",\"locks\":["
		"{\"id\":3,\"amount\":\"100 LPT\",\"withdraw_round\":1610,\"open\":true},"
		"{\"id\":4,\"amount\":\"250.5 LPT\",\"withdraw_round\":1617}],\"pool\":["
		"{\"rank\":41,\"address\":\"0xaaaa\",\"stake\":\"91000 LPT\"},{\"rank\":42,"
		"\"address\":\"0x15d3\",\"stake\":\"90000 LPT\",\"ours\":true}]}");
	put(m, SECTION_PRICING, "{\"price\":\"1200 wei/px\",\"advertised\":\"1212 wei/px\","
		"\"auto_adjust\":true,\"ticket_ev\":\"8 gwei\",\"face_value\":\"0.07 ETH\","
		"\"win_prob\":\"1 in 8750000\",\"tx_cost\":\"0.0007 ETH\",\"redeem_gas\":"
		"\"350000 gas\",\"ladder\":\"P720p30fps16x9, P240p30fps16x9\","
		"\"pixels_per_s\":30700000,\"per_hour\":\"0.000132 ETH\",\"hours_per_win\":528,"
		"\"redeem_share_pct\":1,\"senders\":[{\"address\":\"0xbb01\",\"sessions\":2,"
		"\"price\":\"1212 wei/px\",\"face_value\":\"0.07 ETH\",\"max_float\":\"0.3 ETH\","
		"\"received\":\"0.02 ETH\",\"credit\":\"11 gwei\",\"deposit\":\"1 ETH\"},"
		"{\"address\":\"0xbb02\",\"withdraw_round\":1613,\"last_error\":"
		"\"insufficient sender reserve\",\"last_error_ms\":1789999940000}]}");
	put(m, SECTION_FUNDS, "{\"state\":\"unlocking\",\"deposit\":\"0.5 ETH\",\"reserve\":"
		"\"10 ETH\",\"withdraw_round\":1613,\"rounds_left\":2,\"unlock_period\":2,"
		"\"spent_per_hour\":\"0.001 ETH\",\"spent_total\":\"0.7 ETH\",\"runway_hours\":21,"
		"\"max_ticket_ev\":\"3000 gwei\",\"max_total_ev\":\"20000 gwei\","
		"\"deposit_multiplier\":1,\"peers\":[{\"uri\":\"https://o.example:8935\","
		"\"sessions\":1,\"price\":\"1212 wei/px\",\"sent\":\"0.02 ETH\"}]}");
	put(m, SECTION_TICKETS, "{\"won\":4,\"waiting\":1,\"submitted\":1,\"redeemed\":1,"
		"\"failed\":1,\"value_won\":\"0.28 ETH\",\"value_redeemed\":\"0.07 ETH\","
		"\"value_at_risk\":\"0.14 ETH\",\"value_lost\":\"0.07 ETH\",\"expected\":"
		"\"0.26 ETH\",\"gas_spent\":\"0.0006 ETH\",\"rows\":[{\"id\":4,\"won_ms\":"
		"1789999990000,\"state\":\"won\",\"rounds_left\":1,\"face_value\":\"0.07 ETH\","
		"\"sender\":\"0xbb01\",\"round\":1610,\"session\":\"1f2e3d4c\",\"reason\":"
		"\"its params hold until block 9274890\"},{\"id\":3,\"won_ms\":1789999000000,"
		"\"state\":\"submitted\",\"face_value\":\"0.07 ETH\",\"sender\":\"0xbb01\","
		"\"round\":1611,\"tx_hash\":\"0x12ab\"},{\"id\":2,\"won_ms\":1789990000000,"
		"\"state\":\"redeemed\",\"face_value\":\"0.07 ETH\",\"sender\":\"0xbb01\","
		"\"round\":1609,\"paid\":\"0.07 ETH\",\"gas_cost\":\"0.0006 ETH\",\"reason\":"
		"\"paid 0.07 ETH\"},{\"id\":1,\"won_ms\":1789900000000,\"state\":\"failed\","
		"\"face_value\":\"0.07 ETH\",\"sender\":\"0xbb02 \\u001b[2J\",\"round\":1600,"
		"\"reason\":\"used up without a payment\"}],\"days\":[{\"key\":\"2026-11-20\","
		"\"redeemed_eth\":0.07},{\"key\":\"2026-11-21\",\"redeemed_eth\":0.14}]}");
	put(m, SECTION_TXS, "{\"rows\":[{\"id\":9,\"kind\":\"redeem\",\"note\":"
		"\"redeem ticket 3 (0.07 ETH)\",\"state\":\"sent\",\"nonce\":17,"
		"\"hash\":\"0x12ab\","
		"\"attempts\":2,\"gas_price\":\"0.011 gwei\",\"cost\":\"0.000004 ETH\","
		"\"created_ms\":1789999000000,\"can_replace\":true},{\"id\":8,\"kind\":\"reward\","
		"\"note\":\"reward in round 1611\",\"state\":\"confirmed\",\"nonce\":16,"
		"\"created_ms\":1789990000000,\"final_ms\":1789990060000},{\"id\":7,\"kind\":"
		"\"bond\",\"state\":\"failed\",\"nonce\":15,\"created_ms\":1789980000000,"
		"\"final_ms\":1789980060000,\"error\":\"system is paused\"}]}");
	put(m, SECTION_DOCTOR, "{\"rows\":[{\"id\":\"rpc\",\"name\":\"RPC\",\"result\":\"pass\","
		"\"detail\":\"2 endpoints\"},{\"id\":\"balance\",\"name\":\"ETH balance\","
		"\"result\":\"warn\",\"detail\":\"0.004 ETH\",\"remedy\":"
		"\"send ETH to the account\"},{\"id\":\"active\",\"name\":\"Active set\","
		"\"result\":\"fail\",\"detail\":\"inactive in round 1611\",\"remedy\":"
		"\"weir activate\"}]}");
}

static void begin(struct scene *s, int w, int h, enum glyphs glyphs)
{
	*s = (struct scene){.typed = STR_INIT};
	mirror_init(&s->m);
	s->m.link = LINK_UP;
	put_chain(&s->m);
	put_trend(&s->m);
	s->desk = desk_new(&s->m);
	canvas_init(&s->c, w, h, glyphs);
	desk_draw(s->desk, &s->c);
}

static const struct {
	const char *name, *keys;
} rooms[] = {
	{ "staking", "5 j" }, { "price", "6 j" }, { "funds", "7" },
	{ "tickets", "8 j" }, { "txs", "9" }, { "doctor", "0 j" },
	{ "form-bond", "5 b % Tab o" }, { "form-fund", "7 f x Tab m" }, { "form-help", "7 f F1" },
	{ "form-ladder", "6 l PgDn Tab o n e Tab" },
};

static void every_room_at_every_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scene_sizes); i++) {
		const struct scene_size *size = &scene_sizes[i];

		for (size_t k = 0; k < ARRAY_SIZE(rooms); k++) {
			struct scene s;
			struct wish w;

			/* Forms at the first three, rooms at all. */
			if (i > 2 && strchr(rooms[k].name, '-'))
				continue;
			begin(&s, size->w, size->h, size->glyphs);
			w = type(&s, rooms[k].keys);
			assert_int_equal(w.kind, WISH_NONE);
			compare_room(&s, rooms[k].name, size);
			end(&s);
		}
	}
}

/* Overview, of a node that earns and pays. */
static void overview_of_money(void **state)
{
	static const struct {
		const char *name, *keys;
	} scenes[] = {{ "money", "1" }, { "money-plots", "1 p t" }};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scenes) * ARRAY_SIZE(scene_sizes); i++) {
		const struct scene_size *size = &scene_sizes[i / ARRAY_SIZE(scenes)];
		const char *name = scenes[i % ARRAY_SIZE(scenes)].name;
		struct scene s;
		struct wish w;

		begin(&s, size->w, size->h, size->glyphs);
		put(&s.m, SECTION_NODE, "{\"version\":\"0.1.0\",\"network\":"
			"\"arbitrum-one-mainnet\",\"state\":\"running\",\"now_ms\":"
			"1790000000000,\"max_sessions\":8,\"sessions\":2,\"segments_ok\":12345,"
			"\"pixels\":1200000000000,\"cpu\":1.5,\"rss\":120000000,\"pid\":4711,"
			"\"roles\":[{\"name\":\"orchestrator\",\"state\":\"running\"},"
			"{\"name\":\"broadcaster\",\"state\":\"running\"}]}");
		w = type(&s, scenes[i % ARRAY_SIZE(scenes)].keys);
		assert_int_equal(w.kind, WISH_NONE);
		compare_room(&s, name, size);
		end(&s);
	}
}

/* Empty, tiny, off-chain: nothing breaks, and the way there is told. */
static void without_a_chain(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	s = (struct scene){.typed = STR_INIT};
	mirror_init(&s.m);
	s.desk = desk_new(&s.m);
	canvas_init(&s.c, 60, 16, GLYPHS_ASCII);
	for (const char *room = "567890"; *room; room++) {
		char key[2] = { *room, 0 };

		w = type(&s, key);
		w = type(&s, "Enter j k Esc s G g PgDn Esc");
		assert_true(w.kind == WISH_NONE || *room == '0');
		wish_clear(&w);
	}
	end(&s);
}

/* What each key of a room begins or sends is a command of the table. */
static void keys_name_commands_that_are(void **state)
{
	static const struct {
		size_t room;
		enum action first, last;
	} keys[] = {
		{ 4, ACTION_STAKE_BOND, ACTION_STAKE_ROUND },
		{ 5, ACTION_PRICE_SET, ACTION_PRICE_CALC },
		{ 6, ACTION_FUNDS_FUND, ACTION_FUNDS_MAX },
		{ 8, ACTION_TX_SPEED_UP, ACTION_TX_GAS },
		{ 9, ACTION_DOCTOR_RUN, ACTION_DOCTOR_RUN },
	};
	struct mirror m;

	(void)state;
	mirror_init(&m);
	put_chain(&m);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct panel_ops *p = panel_ops(keys[i].room);
		void *room = xcalloc(1, p->size);

		p->init(room);
		for (enum action a = keys[i].first; a <= keys[i].last; a++) {
			struct intent in = p->act(room, &m, a);
			char name[32];

			assert_true(in.kind == INTENT_COMMAND || in.kind == INTENT_PROMPT ||
				in.kind == INTENT_FORM);
			form_free(in.form); /* its fields are a command's */
			if (in.kind == INTENT_FORM)
				continue;
			snprintf(name, sizeof(name), "%.*s", (int)strcspn(in.text, " "), in.text);
			if (!command_find(name))
				fail_msg("\"%s\" names no command", in.text);
			free(in.text);
		}
		p->clear(room);
		free(room);
	}
	mirror_clear(&m);
}

/* By each column in turn: a node may say any number. */
static void any_numbers_are_sorted(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 120, 40, GLYPHS_ASCII);
	put(&s.m, SECTION_SESSIONS, "{\"rows\":[{\"id\":\"a\",\"width\":9007199254740992,"
		"\"height\":9223372036854775807,\"source_fps\":1e300,\"started_ms\":"
		"-9223372036854775808,\"latency_ms\":-9223372036854775808},{\"id\":\"b\","
		"\"width\":-9223372036854775808,\"height\":-1,\"realtime_ratio\":-1e300,"
		"\"started_ms\":9223372036854775807,\"segments_in\":-1}]}");
	type(&s, "2");
	for (int i = 0; i < 15; i++) {
		type(&s, "s j I k");
		desk_draw(s.desk, &s.c);
	}
	end(&s);
}

static void any_numbers_are_drawn(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 120, 40, GLYPHS_ASCII);
	put(&s.m, SECTION_CHAIN, "{\"ready\":true,\"round\":-9007199254740992,\"round_length\":"
		"9007199254740992,\"blocks_left\":-9007199254740992,\"round_start\":"
		"9007199254740992,\"l1_block\":-9007199254740992,\"head_age_ms\":"
		"-9007199254740992,\"round_lock_from\":-9007199254740992}");
	put(&s.m, SECTION_STAKING, "{\"state\":\"pending\",\"activation_round\":"
		"9007199254740992,\"rank\":9007199254740992,\"locks\":[{\"id\":1,"
		"\"withdraw_round\":9007199254740992}]}");
	put(&s.m, SECTION_MIGRATION, "{\"id\":\"1f2e\",\"state\":\"done\",\"at_ms\":-1}");
	for (const char *room = "1234567890OM"; *room; room++) {
		char key[2] = { *room, 0 };

		type(&s, key);
		desk_draw(s.desk, &s.c);
	}
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_room_at_every_size),
		cmocka_unit_test(overview_of_money),
		cmocka_unit_test(without_a_chain),
		cmocka_unit_test(keys_name_commands_that_are),
		cmocka_unit_test(any_numbers_are_sorted),
		cmocka_unit_test(any_numbers_are_drawn),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
